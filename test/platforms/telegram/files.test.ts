import { describe, expect, test } from "vitest";
import type { Attachment } from "../../../src/message/files.ts";
import { telegram } from "../../../src/platforms/telegram/index.ts";
import { PICTURES } from "../pictures.ts";
import {
  BOT_ID,
  envWith,
  fixture,
  logged,
  messageOf,
  type Reply,
  refusal,
  startBotApi,
  tokenOf,
} from "./setup.ts";

const MB = 1024 * 1024;
/** The larger size of the photo in the fixtures. */
const PHOTO = { kind: "image", ref: "AgACAgIAAxkBAAIBY3", bytes: 98_304 };

describe("what a message carries:", () => {
  test("text alone, nothing", async () => {
    expect((await messageOf(fixture("private-text"))).attachments).toBeUndefined();
  });

  test("a photo in its largest size, with its caption", async () => {
    const message = await messageOf(fixture("private-photo-caption"));
    expect(message).toMatchObject({ text: "Which beetle is this?", attachments: [PHOTO] });
  });

  test("a photo without a caption, in private", async () => {
    expect(await messageOf(fixture("private-photo"))).toMatchObject({ text: "", attachments: [PHOTO] });
  });

  test.each<[string, string, Partial<Attachment>]>([
    [
      "a picture sent as a file",
      "private-image-document",
      { kind: "image", ref: "BQACAgIAAxkBAAIBZGk", mime: "image/webp", bytes: 734_210 },
    ],
    [
      "any other file, by its name",
      "private-pdf",
      { kind: "document", name: expect.stringMatching(/\.pdf$/), mime: "application/pdf", bytes: 120_334 },
    ],
    ["an animation, which is a film", "private-animation", { kind: "document", mime: "video/mp4" }],
    ["a video message", "private-video-note", { kind: "document", ref: "DQACAgIAAxkBAAIBZ2k" }],
    ["a voice message", "private-voice", { kind: "voice", ref: "AwACAgIAAxkBAAIBZ", mime: "audio/ogg" }],
    ["a piece of music", "private-audio", { kind: "voice", mime: "audio/mpeg" }],
  ])("%s", async (_, name, attachment) => {
    expect((await messageOf(fixture(name))).attachments).toMatchObject([attachment]);
  });

  test("the largest size that a model can be shown, in whatever order; of huge ones the smallest", async () => {
    const refOf = async (...sizes: [width: number, file_size?: number][]) => {
      const update = fixture("private-photo");
      update.message.photo = sizes.map(([width, file_size]) => ({
        file_id: `${width}`,
        file_unique_id: `u${width}`,
        width,
        height: width,
        ...(file_size === undefined ? {} : { file_size }),
      }));
      return (await messageOf(update)).attachments?.[0]?.ref;
    };
    expect(await refOf([90, 1_404], [2_560, 5 * MB + 1], [1_280, 5 * MB])).toBe("1280");
    expect(await refOf([2_560], [90, 1_404])).toBe("2560");
    expect(await refOf([2_560, 9 * MB], [1_280, 6 * MB])).toBe("1280");
  });
});

describe("in a group", () => {
  test("a photo that mentions the bot in its caption is for it", async () => {
    const message = await messageOf(fixture("group-photo-caption"));
    expect(message).toMatchObject({ text: "which beetle?", attachments: [PHOTO] });
  });

  test("so is one without a caption that replies to it", async () => {
    const message = await messageOf(fixture("group-photo-reply-to-bot"));
    expect(message).toMatchObject({ text: "", attachments: [PHOTO] });
    expect(message.preface).toBe('[Replying to: "Leeks and kale."]\n\n');
  });
});

describe("a question in reply to a photo is about that photo", () => {
  test("in private", async () => {
    const message = await messageOf(fixture("private-reply-to-photo"));
    expect(message).toMatchObject({ text: "What is this?", attachments: [PHOTO] });
  });

  test("in a group, where its caption is quoted, too", async () => {
    const message = await messageOf(fixture("group-mention-reply-to-photo"));
    expect(message).toMatchObject({ text: "what is it?", attachments: [PHOTO] });
    expect(message.preface).toBe('[Replying to: "Found in the compost"]\n\n');
  });

  test("unless it brings a picture itself, and no other file is taken from there", async () => {
    const update = fixture("private-reply-to-photo");
    const own = {
      ...update,
      message: { ...update.message, document: fixture("private-image-document").message.document },
    };
    expect((await messageOf(own)).attachments).toMatchObject([{ ref: "BQACAgIAAxkBAAIBZGk" }]);
    update.message.reply_to_message = fixture("private-pdf").message;
    expect((await messageOf(update)).attachments).toBeUndefined();
  });
});

describe("a file is fetched", () => {
  const JPEG = PICTURES["image/jpeg"];
  const never = new AbortController().signal;
  const located = (result: object): Reply => ({ status: 200, body: { ok: true, result } });
  const FOUND = located({
    file_id: "AgAC",
    file_unique_id: "AQAD",
    file_size: 98_304,
    file_path: "photos/file_7.jpg",
  });

  /** Fetches from a Bot API that replies so: what came, what was called, and what was logged. */
  async function fetchFrom(replies: Reply[], signal = never) {
    await using api = await startBotApi(...replies);
    const env = envWith({ TELEGRAM_API_BASE: api.base });
    const { value, lines } = await logged(async () =>
      telegram.delivery.fetchAttachment?.({ kind: "image", ref: "AgAC" }, 5 * MB, env, signal),
    );
    expect(JSON.stringify([value, lines]), "no token in what is returned or logged").not.toContain(
      tokenOf(BOT_ID).slice(11),
    );
    return { file: value, calls: api.calls, lines };
  }

  test("from where Telegram says that it is", async () => {
    const { file, calls, lines } = await fetchFrom([FOUND, { file: JPEG }]);
    expect(file).toEqual({ ok: true, bytes: JPEG });
    expect(calls.map(({ path }) => path)).toEqual([
      `/bot${tokenOf(BOT_ID)}/getFile`,
      `/file/bot${tokenOf(BOT_ID)}/photos/file_7.jpg`,
    ]);
    expect(calls[0]?.params).toEqual({ file_id: "AgAC" });
    expect(lines).toEqual([]);
  });

  test.each<[string, Reply[], string, number]>([
    [
      "a file that Telegram no longer has",
      [refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")],
      "gone",
      1,
    ],
    ["a file without a path", [located({ file_id: "AgAC", file_unique_id: "AQAD" })], "gone", 1],
    ["a file over 20 MB", [refusal(400, "Bad Request: file is too big")], "too_large", 1],
    [
      "a file that Telegram declares over the limit",
      [located({ file_path: "a", file_size: 5 * MB + 1 })],
      "too_large",
      1,
    ],
    ["a file that turns out over the limit", [FOUND, { file: new Uint8Array(5 * MB + 1) }], "too_large", 2],
    ["an address that has expired", [FOUND, refusal(404, "Not Found")], "gone", 2],
    ...[
      "../../bot1:x/sendMessage?chat_id=1",
      "photos/../../x",
      "photos/a?b=1",
      "photos/a#b",
      "photos/%2e%2e/x",
      ".\t./x",
      "a\\b",
    ].map((file_path): [string, Reply[], string, number] => [
      `the path ${file_path}, which leads elsewhere,`,
      [located({ file_path })],
      "gone",
      1,
    ]),
    ["a busy Telegram", [refusal(429, "Too Many Requests", { retry_after: 3 })], "unreachable", 1],
    ["a lost connection", ["drop"], "unreachable", 1],
    ["a connection lost at the file", [FOUND, "drop"], "unreachable", 2],
  ])("%s gives the reason", async (_, replies, reason, calls) => {
    const fetched = await fetchFrom(replies);
    expect(fetched.file).toEqual({ ok: false, reason });
    expect(fetched.calls).toHaveLength(calls);
  });

  test("but not from another host", async () => {
    await using elsewhere = await startBotApi({ file: JPEG });
    const { file } = await fetchFrom([FOUND, { status: 302, body: "", location: `${elsewhere.base}/x` }]);
    expect(file).toEqual({ ok: false, reason: "unreachable" });
    expect(elsewhere.calls).toEqual([]);
  });

  test("but no longer once the turn is stopped", async () => {
    const stopped = await fetchFrom(["silence"], AbortSignal.timeout(20));
    expect(stopped.file).toEqual({ ok: false, reason: "unreachable" });
    expect(stopped.lines, "nothing that failed").toEqual([]);
  });
});
