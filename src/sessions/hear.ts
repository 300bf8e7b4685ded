import { INFERENCE_ERRORS } from "../inference/errors.ts";
import { transcribe } from "../inference/transcribe.ts";
import { fileType } from "../lib/file-type.ts";
import { log } from "../lib/log.ts";
import { fail } from "../lib/result.ts";
import { type Hear, notFetched } from "./fetch-file.ts";
import { MAX_VOICE_BYTES } from "./limits.ts";

const LINES = {
  not_audio: "I cannot listen to this kind of recording. Please write it instead.",
  not_heard: "I could not make out that recording. Please try again in a minute, or write it instead.",
  silent: "I hear no words in that recording.",
} as const;

export const hear: Hear = async (transcription, fetch, { env, signal }) => {
  const fetched = await fetch(MAX_VOICE_BYTES);
  if (!fetched.ok) return fail(notFetched("recording", "10 MB", fetched.reason));
  const { bytes } = fetched;
  const mime = fileType(bytes);
  if (!mime?.startsWith("audio/")) return fail(LINES.not_audio);
  const heard = await transcribe(transcription, { bytes, mime }, env, signal);
  if (heard.ok) return heard.value === "" ? fail(LINES.silent) : heard;
  const { reason, status, detail } = heard.error;
  if (!signal.aborted) log(INFERENCE_ERRORS[reason].level, "not_transcribed", { reason, status, detail });
  return fail(LINES.not_heard);
};
