import * as v from "valibot";
import type { Variables } from "../env.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { parsed } from "../lib/schema.ts";
import { askAi } from "./ai-binding.ts";
import { CONVERSION_MS } from "./limits.ts";
import type { Failure } from "./types.ts";

/** With `format: "error"` there is no data. */
const Conversion = v.object({ data: v.string() });

/**
 * A PDF or Office file as Markdown. Never throws.
 * https://developers.cloudflare.com/workers-ai/features/markdown-conversion/
 * @param extension by which the service tells the kind; the sender's name for the file stays here
 */
export async function toMarkdown(
  env: Variables,
  bytes: Uint8Array<ArrayBuffer>,
  extension: string,
  caller: AbortSignal,
): Promise<Result<string, Failure>> {
  const file = {
    name: `document.${extension}`,
    blob: new Blob([bytes], { type: "application/octet-stream" }),
  };
  // What the model is asked about is what the document says, not who made it with what.
  const options = { conversionOptions: { pdf: { metadata: false } } };
  const answer = await askAi(env, CONVERSION_MS, caller, (ai) => ai.toMarkdown(file, options));
  if (!answer.ok) return answer;
  const conversion = parsed(Conversion, answer.value);
  return conversion ? ok(conversion.data) : fail({ reason: "malformed", detail: "no Markdown" });
}
