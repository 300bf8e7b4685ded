import * as v from "valibot";
import type { Variables } from "../env.ts";
import { base64 } from "../lib/base64.ts";
import { parseJson } from "../lib/json.ts";
import { exchange } from "../lib/request.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { parsed } from "../lib/schema.ts";
import type { Bundle } from "../routing/types.ts";
import { askAi } from "./ai-binding.ts";
import { addressOf, conceal, readEndpoint } from "./http/endpoint.ts";
import { statusFailure } from "./http/failure.ts";
import { MAX_TRANSCRIPT_BYTES, TRANSCRIPTION_MS } from "./limits.ts";
import type { Failure } from "./types.ts";

/** What is to be heard, and its media type by its own first bytes. */
export interface Recording {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
}

const Transcript = v.object({ text: v.string() });

/**
 * What is said in a recording: `POST {base_url}/audio/transcriptions`, as OpenAI defines it and most servers speak
 * it (https://platform.openai.com/docs/api-reference/audio/createTranscription), or Workers AI. Asked once, with
 * the bundle's own key. Never throws.
 */
export async function transcribe(
  bundle: Bundle,
  recording: Recording,
  env: Variables,
  signal: AbortSignal,
): Promise<Result<string, Failure>> {
  // Whisper through the binding: https://developers.cloudflare.com/workers-ai/models/whisper-large-v3-turbo/
  const heard =
    bundle.provider === "workers-ai"
      ? await askAi(env, TRANSCRIPTION_MS, signal, (ai, until) =>
          ai.run(bundle.model, { audio: base64(recording.bytes) }, { signal: until }),
        )
      : await overHttp(bundle, recording, env, signal);
  if (!heard.ok) return heard;
  const transcript = parsed(Transcript, heard.value);
  return transcript
    ? ok(transcript.text.trim())
    : fail({ reason: "malformed", detail: "the answer has no text" });
}

async function overHttp(
  bundle: Bundle,
  { bytes, mime }: Recording,
  env: Variables,
  signal: AbortSignal,
): Promise<Result<unknown, Failure>> {
  const read = readEndpoint(bundle, env, {});
  if (!read.ok) return read;
  const endpoint = read.value;
  const form = new FormData();
  // Servers tell the format by the name; the sender's own would be a way into the request.
  form.set("file", new File([bytes], mime.replace("audio/", "voice."), { type: mime }));
  form.set("model", bundle.model);
  // Written out beforehand, so that the request has a length: small servers take no other.
  const written = new Response(form);
  const body = await written.arrayBuffer();
  const headers = {
    accept: "application/json",
    "content-type": written.headers.get("content-type") ?? "",
    "user-agent": "talaria",
    ...(endpoint.key !== null && { authorization: `Bearer ${endpoint.key}` }),
  };
  const url = addressOf(endpoint.base, "/audio/transcriptions");
  const limits = { timeout_ms: TRANSCRIPTION_MS, max_bytes: MAX_TRANSCRIPT_BYTES, signal };
  const answer = await exchange(url, { method: "POST", headers, body }, limits);
  if (answer.kind !== "answered") return fail({ reason: "unreachable", detail: answer.kind });
  const { status } = answer;
  const { bytes: said } = answer.body;
  // One that broke off is no JSON.
  if (status === 200) return ok(parseJson(said));
  const failure = statusFailure(status, new TextDecoder().decode(said), bundle.model);
  return fail({ ...failure, detail: conceal(failure.detail, endpoint) });
}
