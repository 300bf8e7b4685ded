import type { Variables } from "../env.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { unlessAborted, within } from "../lib/time.ts";
import type { Failure } from "./types.ts";

/** The parts of Workers AI's binding that are used: https://developers.cloudflare.com/workers-ai/ */
interface AiBinding {
  run(model: string, inputs: object, options: object): Promise<unknown>;
  toMarkdown(file: { readonly name: string; readonly blob: Blob }, options: object): Promise<unknown>;
}

const isAiBinding = (value: unknown): value is AiBinding =>
  typeof value === "object" && value !== null && "run" in value && typeof value.run === "function";

/** The binding `AI`, where wrangler.toml has it. */
export const aiBinding = ({ AI }: Variables): Result<AiBinding, Failure> =>
  isAiBinding(AI)
    ? ok(AI)
    : fail({ reason: "bad_config", detail: 'no binding AI: add [ai] binding = "AI" to wrangler.toml' });

/** Asks Workers AI for something that comes whole, within a time. Never throws. */
export async function askAi(
  env: Variables,
  ms: number,
  caller: AbortSignal,
  ask: (ai: AiBinding, signal: AbortSignal) => Promise<unknown>,
): Promise<Result<unknown, Failure>> {
  const ai = aiBinding(env);
  if (!ai.ok) return ai;
  try {
    const answer = await within(ms, (signal) => unlessAborted(ask(ai.value, signal), signal), caller);
    return answer === null ? fail({ reason: "timeout", detail: "no answer in time" }) : ok(answer);
  } catch (error) {
    return fail({ reason: "unreachable", detail: error instanceof Error ? error.name : "error" });
  }
}
