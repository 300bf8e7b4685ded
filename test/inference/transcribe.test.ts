import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { transcribe } from "../../src/inference/transcribe.ts";
import { fileType } from "../../src/lib/file-type.ts";
import { type LocalServer, serve } from "../../tools/lib/serve.ts";
import { bytesOf } from "../support/inference.ts";
import { bundleOf, envOf } from "./setup.ts";

interface Heard {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: FormData;
}

let server: LocalServer;
let heard: Heard[] = [];
let answer: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };
beforeAll(async () => {
  server = await serve(async (incoming, outgoing) => {
    const body = await bytesOf(incoming);
    const type = incoming.headers["content-type"] ?? "";
    heard.push({
      path: incoming.url ?? "",
      authorization: incoming.headers.authorization,
      form: await new Response(Uint8Array.from(body), { headers: { "content-type": type } }).formData(),
    });
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
});
afterAll(() => server.close());
beforeEach(() => {
  heard = [];
  answer = { status: 200, body: '{"text":" Hello there. "}' };
});

const bytes = Uint8Array.from("OggS\0\x02 and some sound", (letter) => letter.charCodeAt(0));
const recording = { bytes, mime: fileType(bytes) ?? "" };
const env = envOf({ STT_KEY: "stt-key-0123456789" });
const { signal } = new AbortController();
const ask = (fields = {}, variables = env, caller = signal) =>
  transcribe(
    bundleOf(`${server.url}/v1`, { api_key: "${STT_KEY}", model: "whisper-1", ...fields }),
    recording,
    variables,
    caller,
  );

describe("an endpoint that speaks OpenAI's /audio/transcriptions", () => {
  test("is sent the sound, by a name that says what it is, and the model, with its own key", async () => {
    expect(await ask()).toEqual({ ok: true, value: "Hello there." });
    const [{ path, authorization, form } = { form: new FormData() }] = heard;
    expect([path, authorization]).toEqual(["/v1/audio/transcriptions", "Bearer stt-key-0123456789"]);
    expect([...form.keys()]).toEqual(["file", "model"]);
    expect(form.get("model")).toBe("whisper-1");
    const file = form.get("file");
    if (!(file instanceof File)) throw new Error("no file");
    expect([file.name, file.type]).toEqual(["voice.ogg", "audio/ogg"]);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
  });

  test("that wants no key is sent none", async () => {
    await ask({ api_key: null });
    expect(heard[0]?.authorization).toBeUndefined();
  });

  test.each([
    [{ status: 401, body: '{"error":{"code":"invalid_api_key"}}' }, "unauthorized"],
    [{ status: 404, body: '{"error":{"param":"model","code":"model_not_found"}}' }, "not_found"],
    [{ status: 503, body: "" }, "unavailable"],
    [{ status: 200, body: '{"text":7}' }, "malformed"],
    [{ status: 200, body: "<html>" }, "malformed"],
    [{ status: 200, body: `{"text":"${"x".repeat(5 * 1024 * 1024)}"}` }, "malformed"],
  ])("%o", async (given, reason) => {
    answer = given;
    expect(await ask()).toMatchObject({ ok: false, error: { reason } });
    expect(heard).toHaveLength(1);
  });

  test("is not followed elsewhere, and its error hides the key", async () => {
    answer = { status: 307, body: "", headers: { location: `${server.url}/elsewhere` } };
    expect(await ask()).toMatchObject({ ok: false, error: { status: 307 } });
    expect(heard).toHaveLength(1);
    answer = { status: 401, body: '{"error":{"code":"stt-key-0123456789"}}' };
    expect(JSON.stringify(await ask())).not.toContain("0123456789");
  });

  test("is not called without its secret, or to a host in clear", async () => {
    expect(await ask({}, envOf({}))).toMatchObject({ error: { reason: "missing_secret" } });
    expect(await ask({ base_url: "http://stt.example/v1" })).toMatchObject({
      error: { reason: "bad_config" },
    });
    expect(heard).toEqual([]);
  });

  test("is no longer waited for once the turn is stopped", async () => {
    expect(await ask({}, env, AbortSignal.abort())).toMatchObject({
      ok: false,
      error: { reason: "unreachable" },
    });
  });
});

describe("Workers AI", () => {
  const bundle = bundleOf(null, { provider: "workers-ai", model: "@cf/openai/whisper-large-v3-turbo" });
  const byBinding = (run: (...call: unknown[]) => Promise<unknown>) =>
    transcribe(bundle, recording, envOf({ AI: { run } }), signal);

  test("is asked through the binding, with the sound in base64", async () => {
    const calls: unknown[][] = [];
    const run = async (...call: unknown[]) => {
      calls.push(call);
      return { text: "Hello there.", word_count: 2 };
    };
    expect(await byBinding(run)).toEqual({ ok: true, value: "Hello there." });
    expect(calls[0]?.slice(0, 2)).toEqual([
      "@cf/openai/whisper-large-v3-turbo",
      { audio: Buffer.from(bytes).toString("base64") },
    ]);
  });

  test("that fails, or is not bound, gives the reason", async () => {
    expect(await byBinding(async () => Promise.reject(new Error("AiError: 3043")))).toMatchObject({
      error: { reason: "unreachable" },
    });
    expect(await transcribe(bundle, recording, envOf({}), signal)).toMatchObject({
      error: { reason: "bad_config" },
    });
  });
});
