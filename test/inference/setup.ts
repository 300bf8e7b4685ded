import type { Variables } from "../../src/env.ts";
import { inferWithFallbacks } from "../../src/inference/chain.ts";
import { Health } from "../../src/inference/health.ts";
import { infer } from "../../src/inference/infer.ts";
import type { ChatMessage, InferenceRequest } from "../../src/inference/types.ts";
import { type Clock, systemClock } from "../../src/lib/time.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { KEY, PRIVATE } from "../support/faults/fault.ts";
import type { RawEndpoint, Script } from "../support/raw-endpoint.ts";

export const bundleOf = (base_url: string | null, fields: Partial<Bundle> = {}): Bundle => ({
  model: "claude-opus-5",
  provider: "custom",
  base_url,
  api_key: "${OWNER_KEY}",
  api_mode: "chat_completions",
  ...fields,
});

/** The bindings of a Worker are not reached by inference, except `AI`. */
export const envOf = (variables: { readonly [name: string]: unknown } = { OWNER_KEY: KEY }): Variables =>
  variables;

export const QUESTION: readonly ChatMessage[] = [
  { role: "system", content: "You are brief." },
  { role: "user", content: PRIVATE },
];

/** A clock whose waits are over at once, and on record. */
export function instantClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    now: systemClock.now,
    random: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
    },
    waits,
  };
}

export const requestOf = (
  fields: Partial<Omit<InferenceRequest, "bundle">> = {},
): Omit<InferenceRequest, "bundle"> => ({
  messages: QUESTION,
  signal: new AbortController().signal,
  env: envOf(),
  ...fields,
});

/** Asks one endpoint; backoff takes no time. */
export const ask = (
  bundle: Bundle,
  fields?: Partial<Omit<InferenceRequest, "bundle">>,
  clock: Clock = instantClock(),
) => infer({ ...requestOf(fields), bundle }, undefined, clock);

/** Asks a chain of endpoints with an empty memory; backoff takes no time. */
export const askChain = (
  bundles: readonly Bundle[],
  fields?: Partial<Omit<InferenceRequest, "bundle">>,
  memory = new Health(),
  clock: Clock = instantClock(),
) => inferWithFallbacks(bundles, requestOf(fields), clock, memory);

/** Asks an endpoint that follows this script, and gives its answer; fails the test if there is none. */
export async function answerTo(endpoint: RawEndpoint, script: Script, fields: Partial<Bundle> = {}) {
  endpoint.script(script);
  const result = await ask(bundleOf(endpoint.url, fields));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
