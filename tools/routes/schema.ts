import * as z from "zod";
import { COMMANDS } from "../../src/commands/index.ts";
import { MODALITIES } from "../../src/message/files.ts";
import { CHAT_TYPES, PLATFORM_NAMES, SOURCE_KINDS } from "../../src/message/platforms.ts";
import { API_MODES, PROVIDERS } from "../../src/routing/types.ts";
import { HERMES_KEYS, HERMES_PROVIDERS } from "./names.ts";

/** An object in which every key must be known. The message lists the known keys, for whoever reports it. */
function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined),
  });
}

/** Hermes: null, an empty text and an empty list say nothing. */
const none = z.union([z.null(), z.literal(""), z.tuple([])]);
const orNone = <Inner extends z.ZodType>(inner: Inner) => z.union([inner, none]);
const field = <Inner extends z.ZodType>(inner: Inner, about: string) =>
  orNone(inner).optional().describe(about);

const word = z.string().regex(/\S/, "must not be empty");
const name = z.union([word, z.number()]);
const id = z.union([z.string().min(1, "must not be empty").max(256, "is too long"), z.number()]);
const header = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "must be one line of characters that HTTP can carry");
const positive = z.number().positive("must be more than 0");
const seconds = (about: string) => field(positive.max(3600, "is in seconds, at most 3600"), about);

const bundle = {
  model: field(name, "Model id, as the endpoint calls it."),
  provider: field(
    z.union([z.enum(PROVIDERS), z.enum(HERMES_PROVIDERS).meta({ deprecated: true })]),
    "Who answers. openai, anthropic and openrouter bring their base_url; custom needs one; workers-ai and echo need neither URL nor key.",
  ),
  base_url: field(
    z.string(),
    "Where the endpoint is, without /chat/completions. https, or http on this machine. May contain ${NAME}.",
  ),
  api_key: field(
    z.string(),
    "`${NAME}`: the secret of that name. A literal key would be bundled into the Worker.",
  ),
  api_mode: field(
    z.union([z.enum(API_MODES), z.literal("codex_responses").meta({ deprecated: true })]),
    "The endpoint's protocol: chat_completions (default), responses, or anthropic_messages (default of provider anthropic).",
  ),
  headers: field(
    z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is not a header's name"), header),
    "Extra request headers; values may contain ${NAME}. They go to this endpoint only.",
  ),
  images: field(
    z.boolean(),
    "Whether the model is shown pictures. Without it: yes, except by workers-ai and echo. Never follows to another model.",
  ),
};

const tuning = {
  temperature: field(z.number().min(0, "is at least 0").max(2, "is at most 2"), "Sampling temperature."),
  top_p: field(z.number().min(0, "is at least 0").max(1, "is at most 1"), "Nucleus sampling."),
  top_k: field(z.int().positive("must be more than 0"), "Top-k sampling, where the endpoint has it."),
  max_tokens: field(z.int().positive("must be more than 0"), "Longest answer, in tokens."),
  presence_penalty: field(z.number().min(-2, "is at least -2").max(2, "is at most 2"), "Presence penalty."),
  frequency_penalty: field(z.number().min(-2, "is at least -2").max(2, "is at most 2"), "Frequency penalty."),
  seed: field(z.int(), "Seed, where the endpoint has it."),
  reasoning_effort: field(
    z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
    "How much a reasoning model thinks.",
  ),
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

const hermes = Object.fromEntries(
  Object.keys(HERMES_KEYS).map((key) => [
    key,
    z.unknown().optional().meta({ deprecated: true, description: "Hermes's; has no meaning here." }),
  ]),
) as { readonly [Key in keyof typeof HERMES_KEYS]: z.ZodOptional<z.ZodUnknown> };

const endpoint = { ...bundle, ...tuning, timeouts };
const fallbacks = field(
  z.array(strict({ ...endpoint, ...hermes, model: name.describe("Model id.") })),
  "Tried in order when the endpoint fails. Each is a whole bundle: without a base_url and another provider it goes to the model block's endpoint, otherwise it needs its own key.",
);
const tell_fallback = field(
  z.boolean(),
  "Whether the user is told, by one short line, when a fallback answered. Default: false.",
);
// Sides are told apart by a hash of 32 bits: far larger weights would not be shared out as written.
const weight = z.int().min(0, "is at least 0").max(1_000_000, "is at most 1000000");
const action = {
  ...endpoint,
  split: field(
    z
      .record(word, weight)
      .refine((shares) => Object.values(shares).some((share) => share > 0), "needs a weight above 0"),
    "Divides this route's sessions among models, by weight: short names of `models`, or model ids. A session stays with its side.",
  ),
  fallbacks,
  tell_fallback,
  system_prompt: field(z.string(), "Replaces the system prompt for this route."),
  ...hermes,
};

const value = z.union([z.string().max(256, "is too long"), z.number(), z.boolean(), z.null()]);
const anyOf = <Inner extends z.ZodType>(inner: Inner) => z.union([inner, z.array(inner)]);
const condition = (about: string) => anyOf(value).optional().describe(about);

const match = strict({
  platform: condition(`${PLATFORM_NAMES.join(", ")}; lower case.`),
  source_kind: anyOf(z.union([z.enum(SOURCE_KINDS), z.null()]))
    .optional()
    .describe("Who is speaking."),
  user_id: condition("The sender's id, as the platform gives it. Name the platform too."),
  chat_id: condition("The chat's id."),
  chat_type: anyOf(z.union([z.enum(CHAT_TYPES), z.null()]))
    .optional()
    .describe("The kind of chat."),
  thread_id: condition("The forum topic's or thread's id."),
  guild_id: condition("The Discord server's id."),
  verified: anyOf(z.union([z.boolean(), z.enum(["true", "false"]), z.null()]))
    .optional()
    .describe("Hub only: whether the sender's name is registered."),
  modality: anyOf(z.union([z.enum(MODALITIES), z.null()]))
    .optional()
    .describe("What the message is: its first attachment's kind, or text."),
}).describe("Every key must hold; a list means any of these. An empty match never matches.");

const modelBlock = strict({
  default: field(name, "The model when no route says otherwise."),
  ...endpoint,
  model: field(name, "The same as default."),
  fallbacks,
  tell_fallback,
  platforms: z
    .record(z.string(), orNone(z.union([name, strict({ ...action, match: match.optional() })])))
    .nullish()
    .describe("Shorthand for routes: a model, or an object, for each platform. Behind `routes`."),
  by_source: z
    .partialRecord(
      z.enum(SOURCE_KINDS),
      orNone(z.union([name, strict({ ...action, match: match.optional() })])),
    )
    .nullish()
    .describe("Shorthand for routes: an object for each source kind. Behind `platforms`."),
  routes: z
    .array(strict({ match, ...action }))
    .nullish()
    .describe("The first route whose match holds decides."),
  ...hermes,
});

const ids = z.array(id);
const amount = z.number().min(0, "is at least 0");

/** A list of source kinds for each command. */
const whoMayRun = Object.fromEntries(
  COMMANDS.map(({ name, summary, access }) => [
    name,
    z
      .array(z.enum(SOURCE_KINDS))
      .optional()
      .describe(`Who may use /${name}: ${summary}. Default: [${access.join(", ")}].`),
  ]),
);

/** routes.yaml. The one source of what it may hold: checks, types and the editors' JSON Schema come from it. */
export const routesFile = strict({
  model: z.union([name, modelBlock]).describe("The model block, as in Hermes: a model's name, or an object."),
  models: z
    .record(
      z.string().regex(/^\S{1,100}$/, "must be one word of at most 100 characters"),
      z.union([name, strict({ ...endpoint, model: name.describe("Model id."), ...hermes })]),
    )
    .nullish()
    .describe("What /model offers: a short name for a model, or for a whole bundle."),
  owners: z.record(z.string(), ids).nullish().describe("Your ids on each platform."),
  homes: z
    .record(z.string(), id)
    .nullish()
    .describe("Home chat on each platform; a direct one makes its sender an owner."),
  access: strict({
    strangers: z.enum(["ignore", "answer"]).optional().describe("Default: ignore."),
    hub_peers: z.enum(["answer", "ignore"]).optional().describe("Default: answer."),
    commands: strict(whoMayRun).optional().describe("Who may run which command, by source kind."),
  })
    .nullish()
    .describe("Who gets an answer, and who may change the model."),
  prices: z
    .record(
      word,
      strict({
        input: amount.describe("Tokens sent."),
        output: amount.describe("Tokens answered, reasoning included."),
        cached: amount.nullish().describe("Sent tokens that the endpoint had cached. Default: as input."),
      }),
    )
    .nullish()
    .describe("What models cost, per million tokens, by model id: /usage shows it. Any currency."),
  system_prompt: z.string().nullish().describe("What every conversation starts with."),
  history_tokens: z
    .int()
    .positive("must be more than 0")
    .optional()
    .describe("How much of a conversation a turn sends, in estimated tokens. Default: 8000."),
});

export type RoutesFile = z.infer<typeof routesFile>;
export type ModelBlock = z.infer<typeof modelBlock>;
export type Endpoint = z.infer<ReturnType<typeof strict<typeof endpoint>>>;
export type Action = z.infer<ReturnType<typeof strict<typeof action>>>;
export type MatchBlock = z.infer<typeof match>;

/** The JSON Schema for editors, as text: schema/routes.schema.json. */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(routesFile, { io: "input", target: "draft-7", reused: "ref" });
  // Draft 7 wants at least one schema in a list of items; an empty list is said by its length alone.
  const valid = (key: string, value: unknown) =>
    key === "items" && Array.isArray(value) && value.length === 0 ? undefined : value;
  return `${JSON.stringify({ ...schema, title: "Talaria routes.yaml" }, valid, 2)}\n`;
}
