import { type Endpoint, keyOf } from "./endpoint.ts";
import type { Notes } from "./notes.ts";
import { block, type HermesSource, text } from "./source.ts";

/**
 * Hermes's providers that speak OpenAI's /audio/transcriptions, with the variables of its env file that count:
 * https://hermes-agent.nousresearch.com/docs/user-guide/configuration
 */
const ENDPOINTS: { readonly [name: string]: Transcriber } = {
  openai: {
    base_url: "https://api.openai.com/v1",
    model: "whisper-1",
    url_variable: "STT_OPENAI_BASE_URL",
    model_variable: "STT_OPENAI_MODEL",
    keys: ["VOICE_TOOLS_OPENAI_KEY", "OPENAI_API_KEY"],
  },
  groq: {
    base_url: "https://api.groq.com/openai/v1",
    model: "whisper-large-v3-turbo",
    url_variable: "GROQ_BASE_URL",
    model_variable: "STT_GROQ_MODEL",
    keys: ["GROQ_API_KEY"],
  },
};

interface Transcriber {
  readonly base_url: string;
  readonly model: string;
  readonly url_variable: string;
  readonly model_variable: string;
  /** The first one that is set is used. */
  readonly keys: readonly [string, ...string[]];
}

/** `transcription`, of the block `stt`; a provider that is no such endpoint is noted. */
export function transcriptionOf({ config, env }: HermesSource, notes: Notes): Record<string, unknown> {
  const stt = block(config, "stt");
  if (config.stt === undefined || stt.enabled === false) return {};
  const name = text(stt.provider) ?? "local";
  const facts = Object.hasOwn(ENDPOINTS, name) ? ENDPOINTS[name] : undefined;
  if (facts === undefined) {
    notes.left(
      "stt",
      `transcription: takes an endpoint or workers-ai, and Hermes's provider ${name} is neither`,
    );
    return {};
  }
  const own = block(stt, name);
  const url = text(own.base_url) ?? env[facts.url_variable] ?? facts.base_url;
  const model = text(own.model) ?? text(stt.model) ?? env[facts.model_variable] ?? facts.model;
  const usual = facts.keys.find((key) => env[key]) ?? facts.keys[0];
  const address: Endpoint =
    name === "openai" && url === facts.base_url ? { provider: "openai" } : { base_url: url };
  return { transcription: { ...address, ...keyOf(own, url, usual, notes), model } };
}
