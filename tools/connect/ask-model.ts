import * as prompts from "@clack/prompts";
import { baseBundle } from "../../src/routing/layers.ts";
import { PROVIDER_NAMES, providerFacts } from "../../src/routing/providers.ts";
import { tryModel } from "./model.ts";
import { DEFAULT_KEY_NAME } from "./options.ts";
import { answered } from "./prompt.ts";
import { type ModelAnswers, modelProblem } from "./routes-file.ts";
import type { Values } from "./secrets.ts";

export interface ModelAndKey {
  readonly model: ModelAnswers | null;
  /** The key under its name; nothing where the endpoint wants none. */
  readonly key: Values;
}

/** How each provider is told to people; what is not listed is not offered. */
const HINTS: { readonly [provider: string]: string } = {
  custom: "any endpoint that speaks OpenAI's API",
  "workers-ai": "needs no key, only the binding that wrangler.toml shows",
  echo: "no model: repeats what is said, to try things out",
};

/** Asks which model answers, and tries it; again where it does not answer, unless it is wanted all the same. */
export async function askModel(known: Values): Promise<ModelAndKey> {
  for (;;) {
    const asked = await askOnce(known);
    if (asked.model === null || !providerFacts(asked.bundle.provider).sends) return asked;
    const wait = prompts.spinner();
    wait.start("Asking it for one token");
    const problem = await tryModel(asked.bundle, { ...known, ...asked.key });
    if (problem === null) {
      wait.stop(`${asked.model.model} answers.`);
      return asked;
    }
    wait.error(`It does not answer (${problem}).`);
    const again = answered(await prompts.confirm({ message: "Say it anew?" }));
    if (!again) return asked;
  }
}

async function askOnce(known: Values) {
  const provider = answered(
    await prompts.select({
      message: "Whose model answers?",
      options: PROVIDER_NAMES.map((value) => ({
        value,
        label: value,
        ...(HINTS[value] && { hint: HINTS[value] }),
      })),
    }),
  );
  const { sends, base_url: own } = providerFacts(provider);
  const base_url =
    sends && own === null
      ? await askText("The endpoint's base URL", "https://llm.example/v1", (base_url) =>
          modelProblem({ provider, base_url, model: "m", key_name: null }),
        )
      : null;
  const model = await askText("The model's id, as the provider writes it");
  const stored = known[DEFAULT_KEY_NAME];
  const key = sends && stored === undefined ? await askKey() : "";
  const key_name = key !== "" || (sends && stored !== undefined) ? DEFAULT_KEY_NAME : null;
  const bundle = baseBundle({
    model,
    provider,
    ...(base_url !== null && { base_url }),
    ...(key_name !== null && { api_key: `\${${key_name}}` }),
  });
  const answers: ModelAnswers = { provider, base_url, model, key_name };
  return { model: answers, key: key === "" ? {} : { [DEFAULT_KEY_NAME]: key }, bundle };
}

async function askText(
  message: string,
  placeholder?: string,
  problem: (text: string) => { readonly message: string } | null = () => null,
): Promise<string> {
  const validate = (text: string | undefined) =>
    text?.trim() ? problem(text.trim())?.message : "It cannot be empty";
  return answered(await prompts.text({ message, validate, ...(placeholder && { placeholder }) })).trim();
}

async function askKey(): Promise<string> {
  const message = "Its key (empty for an endpoint that wants none)";
  return (answered(await prompts.password({ message })) ?? "").trim();
}
