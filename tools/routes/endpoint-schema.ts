import * as z from "zod";
import { MARK_NAMES } from "../../src/lib/template.ts";
import { type Carried, type CarriedName, CONVERSATIONS } from "../../src/routing/bundle-fields.ts";
import {
  API_MODES,
  type ApiMode,
  PROVIDER_NAMES,
  providerFacts,
  sends,
} from "../../src/routing/providers.ts";
import { REASONING_LEVELS } from "../../src/routing/settings.ts";
import { FOREIGN_PROVIDERS } from "./hermes-providers.ts";
import { HERMES_KEYS } from "./names.ts";
import { field, inWords, type None, name, positive, strict } from "./schema-parts.ts";

const withUrl = PROVIDER_NAMES.filter((each) => providerFacts(each).base_url !== null);
const withoutUrl = PROVIDER_NAMES.filter((each) => sends(each) && providerFacts(each).base_url === null);
const local = PROVIDER_NAMES.filter((each) => !sends(each));
const blind = PROVIDER_NAMES.filter((each) => !providerFacts(each).images);

/** An api mode, and whose own it is. */
function modeInWords(mode: ApiMode): string {
  if (mode === "chat_completions") return `${mode} (default)`;
  const own = PROVIDER_NAMES.filter((each) => providerFacts(each).api_modes[0] === mode);
  return own.length === 0 ? mode : `${mode} (default of provider ${inWords(own)})`;
}

const header = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "must be one line of characters that HTTP can carry");
const seconds = (about: string) => field(positive.max(3600, "is in seconds, at most 3600"), about);

const secretName = z.string().regex(/^[A-Za-z_]\w*$/, "must be the name of a secret: letters, digits and _");

const core = {
  model: field(name, "Model id, as the endpoint calls it."),
  provider: field(
    z.union([
      z.enum(PROVIDER_NAMES),
      z.enum(FOREIGN_PROVIDERS).meta({ deprecated: true }),
      z.templateLiteral(["custom:", z.string().min(1)]).meta({ deprecated: true }),
    ]),
    `Who answers. ${inWords(withUrl)} bring their base_url; ${inWords(withoutUrl)} needs one; ${inWords(local)} need neither URL nor key.`,
  ),
  base_url: field(
    z.string(),
    "Where the endpoint is, without /chat/completions. https, or http on this machine. May contain ${NAME}.",
  ),
  api_key: field(
    z.string(),
    "`${NAME}`: the secret of that name. A literal key would be bundled into the Worker.",
  ),
  key_env: field(
    secretName,
    "Hermes's way to name the secret: the same as `api_key: ${NAME}`, and wins over api_key.",
  ),
  api_key_env: field(secretName, "The same as key_env.").meta({ deprecated: true }),
  api_mode: field(
    z.union([z.enum(API_MODES), z.literal("codex_responses").meta({ deprecated: true })]),
    `The endpoint's protocol: ${API_MODES.slice(0, -1).map(modeInWords).join(", ")}, or ${API_MODES.slice(-1).map(modeInWords)}.`,
  ),
};

/** Fields that make a request the routed model's, with this conversation: those of all api modes. */
const GATEWAYS_OWN: readonly string[] = ["model", "messages", "input", "stream"];
const marks = inWords(MARK_NAMES.map((name) => `{${name}}`));

/** Carried fields that are written in the file as the Worker takes them, or nearly so. */
const plain = {
  headers: field(
    z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is not a header's name"), header),
    `Extra request headers; values may contain \${NAME}, and ${marks} of the message. They go to this endpoint only.`,
  ),
  extra_body: field(
    z.record(
      z.string().refine((name) => !GATEWAYS_OWN.includes(name), "is the gateway's own to write"),
      z.unknown(),
    ),
    `Further fields of the request, as they are: provider-side tools, plugins. Texts may contain \${NAME}, and ${marks}. They go to this endpoint only.`,
  ),
  conversation: field(
    z.enum(CONVERSATIONS),
    "endpoint: this endpoint remembers the conversation, and is sent each new message alone. Default: gateway, which sends what was said before.",
  ),
  context: field(
    z.int().positive("must be more than 0"),
    "The model's window, in tokens: /status then shows how full it is. Never follows to another model.",
  ),
  images: field(
    z.boolean(),
    `Whether the model is shown pictures. Without it: yes, except by ${inWords(blind)}. Never follows to another model.`,
  ),
  live: field(
    z.boolean(),
    "Whether answers appear while they are written, where the platform can show that. Default: true.",
  ),
} satisfies {
  readonly [Name in Exclude<CarriedName, "params" | "timeouts">]: z.ZodType<Carried[Name] | None>;
};
export type PlainName = keyof typeof plain;
export const PLAIN_NAMES = Object.keys(plain) as readonly PlainName[];

const tuning = {
  temperature: field(z.number().min(0, "is at least 0").max(2, "is at most 2"), "Sampling temperature."),
  top_p: field(z.number().min(0, "is at least 0").max(1, "is at most 1"), "Nucleus sampling."),
  top_k: field(z.int().positive("must be more than 0"), "Top-k sampling, where the endpoint has it."),
  max_tokens: field(z.int().positive("must be more than 0"), "Longest answer, in tokens."),
  presence_penalty: field(z.number().min(-2, "is at least -2").max(2, "is at most 2"), "Presence penalty."),
  frequency_penalty: field(z.number().min(-2, "is at least -2").max(2, "is at most 2"), "Frequency penalty."),
  seed: field(z.int(), "Seed, where the endpoint has it."),
  reasoning_effort: field(z.enum(REASONING_LEVELS), "How much a reasoning model thinks."),
  verbosity: field(z.enum(["low", "medium", "high"]), "How long answers are, where the endpoint has it."),
  service_tier: field(z.string(), "Service tier, where the endpoint has it."),
};
export const TUNING = Object.keys(tuning) as readonly (keyof typeof tuning)[];

const timeouts = field(
  strict({
    first_token: seconds("Seconds until the first text."),
    idle: seconds("Seconds between two pieces of text."),
    total: seconds("Seconds for the whole answer."),
  }),
  "Limits of one call, in seconds.",
);

/** Hermes's keys that mean nothing here. */
export const hermes = Object.fromEntries(
  Object.keys(HERMES_KEYS).map((key) => [
    key,
    z.unknown().optional().meta({ deprecated: true, description: "Hermes's; has no meaning here." }),
  ]),
) as { readonly [Key in keyof typeof HERMES_KEYS]: z.ZodOptional<z.ZodUnknown> };

/** Everything that a block which names an endpoint may hold, Hermes's own keys too. */
export const endpoint = { ...core, ...plain, ...tuning, timeouts };
export type Endpoint = z.infer<ReturnType<typeof strict<typeof endpoint>>>;

/** Whoever turns voice into text. It inherits nothing, and nothing inherits from it. */
export const transcription = strict({
  provider: z
    .enum(["custom", "openai", "workers-ai"])
    .optional()
    .describe(
      "Default: custom, which needs a base_url. openai brings its own; workers-ai needs the binding AI.",
    ),
  base_url: core.base_url,
  api_key: core.api_key,
  model: field(
    name,
    "Model id, such as whisper-1. workers-ai has a default: @cf/openai/whisper-large-v3-turbo.",
  ),
});
