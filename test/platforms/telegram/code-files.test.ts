import { describe, expect, test } from "vitest";
import type { Chunk } from "../../../src/platforms/platform.ts";
import { delivery } from "../../../src/platforms/telegram/delivery.ts";
import { readContent } from "../../../src/platforms/telegram/entities/content.ts";
import { renderTelegram } from "../../../src/platforms/telegram/entities/render.ts";
import { fileIn } from "../../../src/text/code-file.ts";
import { envWith, type Reply, refusal, SENT, startBotApi } from "./setup.ts";

const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => `    print("line ${n}")  # \`\`\` é`).join("\n");
/** 15,000 characters, which begin with an indentation. */
const CODE = lines(500);
const ANSWER = `Here it is:\n\n\`\`\`python\n${CODE}\n\`\`\`\n\nRun it with **care**.`;

const codeIn = (chunk = "") => fileIn(chunk)?.file.text();

async function send(chunk: Partial<Chunk>, address: object, ...replies: Reply[]) {
  await using api = await startBotApi(...replies);
  const place = { chat_id: -4001, message_thread_id: 5, reply_to_message_id: 88, ...address };
  const piece = { index: 1, count: 3, text: delivery.split(ANSWER)[1] ?? "", ...chunk };
  const result = await delivery.send(piece, place, "key", envWith({ TELEGRAM_API_BASE: api.base }));
  return { result, calls: api.calls.map(({ path, params }) => ({ method: path.split("/").at(-1), params })) };
}

describe("code of more than two messages", () => {
  test("stands between what is said before and after it, whole and as written", async () => {
    const [before, code, after, ...more] = renderTelegram(ANSWER);
    expect(before?.text).toBe("Here it is:");
    expect(await codeIn(code?.text)).toBe(CODE);
    expect(after).toMatchObject({ text: "Run it with care.", entities: [{ type: "bold" }] });
    expect(more).toEqual([]);
  });

  test("is told from code that fits two: that stays text", () => {
    const fits = renderTelegram(`\`\`\`\n${"x".repeat(99).concat("\n").repeat(80)}\`\`\``);
    expect(fits.map(({ text }) => text.length <= 4_096)).toEqual([true, true]);
    expect(renderTelegram(`\`\`\`\n${"x".repeat(99).concat("\n").repeat(83)}\`\`\``)).toHaveLength(1);
  });

  test("is shown from its beginning while it is written", () => {
    const [first] = renderTelegram(`\`\`\`python\n${CODE}`, true);
    expect(first?.text.length).toBeLessThanOrEqual(4_096);
    expect(CODE.startsWith(first?.text ?? "-")).toBe(true);
  });

  test("two of them are two files", async () => {
    const block = `\`\`\`js\n${CODE}\n\`\`\``;
    const files = renderTelegram(`${block}\n${block}`).map(({ text }) => codeIn(text));
    expect(await Promise.all(files)).toEqual([CODE, CODE]);
  });

  test("is sent as a document named by its language, in its topic", async () => {
    const { result, calls } = await send({}, {}, SENT);
    expect(result).toEqual({ kind: "sent", message_id: "900" });
    expect(calls).toEqual([
      {
        method: "sendDocument",
        params: expect.objectContaining({
          chat_id: -4001,
          message_thread_id: 5,
          document: { name: "answer.py", text: CODE },
        }),
      },
    ]);
  });

  test("as the first of an answer takes the place of the message that the answer grew in", async () => {
    const { result, calls } = await send({ index: 0, message_id: "77" }, {}, SENT);
    expect(result).toEqual({ kind: "sent", message_id: "77" });
    expect(calls).toEqual([
      {
        method: "editMessageMedia",
        params: {
          chat_id: -4001,
          message_id: 77,
          media: { type: "document", media: "attach://document" },
          document: { name: "answer.py", text: CODE },
        },
      },
    ]);
  });

  test("that is refused is said as text", async () => {
    const refused = refusal(400, "Bad Request: not enough rights to send documents to the chat");
    const { result } = await send({}, {}, refused);
    if (result.kind !== "failed") throw new Error(result.kind);
    const contents = delivery.split(result.instead ?? "", true).map(readContent);
    expect(contents.length).toBeGreaterThan(2);
    expect(contents.every(({ text }) => text.length <= 4_096)).toBe(true);
    expect(contents.map(({ text }) => text).join("\n")).toBe(CODE);
    expect(contents[1]?.entities).toEqual([
      { type: "pre", offset: 0, length: contents[1]?.text.length, language: "python" },
    ]);
  });

  test("of which nobody knows whether it came is not sent again", async () => {
    const { result } = await send({}, {}, { status: 200, body: "no JSON" });
    expect(result).toMatchObject({ kind: "failed" });
    expect(result).not.toHaveProperty("instead");
  });

  test("is text for a guest, who may say one message", async () => {
    const said: Reply = { status: 200, body: { ok: true, result: { inline_message_id: "im-1" } } };
    const { calls } = await send({ index: 0, count: 1 }, { guest: "q-1" }, said);
    expect(calls).toMatchObject([{ method: "answerGuestQuery" }]);
    const { message_text } = JSON.parse(JSON.stringify(calls[0]?.params.result)).input_message_content;
    expect(message_text.length).toBeLessThanOrEqual(4_096);
    expect(message_text).toMatch(/^ {4}print\("line 0"\)[\s\S]*The rest does not fit here/);
  });
});
