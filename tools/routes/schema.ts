import * as z from "zod";
import { COMMANDS } from "../../src/commands/index.ts";
import { SOURCE_KINDS } from "../../src/message/platforms.ts";
import { CONTEXT_KEYS, type ContextKey, matchKeyFacts } from "../../src/routing/match-keys.ts";
import { cronSchema } from "./cron-schema.ts";
import { endpoint, hermes, transcription } from "./endpoint-schema.ts";
import { field, isYesOrNo, name, orNone, strict, word } from "./schema-parts.ts";
import { compression, reset } from "./sessions-schema.ts";

const id = z.union([z.string().min(1, "must not be empty").max(256, "is too long"), z.number()]);

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
  name: field(
    z.string().regex(/^\S(.{0,98}\S)?$/, "must be one line of at most 100 characters"),
    "What /model and /status call this route.",
  ),
};

/** The same for what has a name of its own. */
const { name: _, ...work } = action;

const anyValue = z.union([z.string().max(256, "is too long"), z.number(), z.boolean(), z.null()]);

/** What a match may ask of a key: one value, or a list of them. */
function condition(key: ContextKey) {
  const { about, values } = matchKeyFacts(key);
  const one =
    values === undefined
      ? anyValue
      : z.union([...(isYesOrNo(key) ? [z.boolean()] : []), z.enum(values), z.null()]);
  return z
    .union([one, z.array(one)])
    .optional()
    .describe(about);
}

const match = strict(
  Object.fromEntries(CONTEXT_KEYS.map((key) => [key, condition(key)])) as {
    readonly [Key in ContextKey]: ReturnType<typeof condition>;
  },
).describe("Every key must hold; a list means any of these. An empty match never matches.");

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
const thread = z
  .string()
  .regex(/^-?\d+:\d+$/, 'must be a chat and a thread, as in "-1001:7"')
  .describe("A chat's id and a thread's, with a colon between them.");
const amount = z.number().min(0, "is at least 0");

/** Somebody: a source kind, or one person by platform and id. */
const somebody = z.union([
  z.enum(SOURCE_KINDS),
  z.templateLiteral([z.enum(["telegram", "discord", "hub"]), ":", z.string().min(1)]),
]);

/** For each command, who may run it. */
const whoMayRun = Object.fromEntries(
  COMMANDS.map(({ name, summary, access }) => [
    name,
    z
      .array(somebody)
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
  personalities: z
    .record(
      z.string().regex(/^(?!none$)\S{1,100}$/i, "must be one word of at most 100 characters, and not `none`"),
      word.max(20_000, "is too long"),
    )
    .nullish()
    .describe("What /personality offers: a name for a text that goes behind the system prompt."),
  owners: z.record(z.string(), ids).nullish().describe("Your ids on each platform."),
  homes: z
    .record(z.string(), id)
    .nullish()
    .describe("Home chat on each platform; a direct one makes its sender an owner."),
  access: strict({
    strangers: z.enum(["ignore", "answer"]).optional().describe("Default: ignore."),
    hub_peers: z.enum(["answer", "ignore"]).optional().describe("Default: answer."),
    guests: z
      .enum(["ignore", "answer"])
      .optional()
      .describe(
        "Whether the bot answers where it is summoned as a guest: Telegram's guest mode. Who gets an answer there is decided as elsewhere. Default: ignore.",
      ),
    allowed: z
      .record(z.string(), ids)
      .optional()
      .describe(
        "Strangers who are answered although others are ignored, by platform: ids of people, chats, Discord servers and roles.",
      ),
    commands: strict(whoMayRun)
      .optional()
      .describe("Who may run which command, by source kind or as platform:id."),
  })
    .nullish()
    .describe("Who gets an answer, and who may change the model."),
  groups: strict({
    require_mention: z
      .boolean()
      .optional()
      .describe(
        "Whether a group's message must mention the bot, reply to it or be a command. Default: true.",
      ),
    free_chats: ids.optional().describe("Ids of groups in which every message is answered."),
    ignored_threads: z.array(thread).optional().describe("Threads in which nothing is answered."),
    listen: z
      .boolean()
      .optional()
      .describe(
        "Whether messages that do not address the bot are kept, for a day at most, and shown to the model when one does. Default: false.",
      ),
  })
    .nullish()
    .describe("To which messages of a group the bot listens, on Telegram."),
  sessions: strict({
    busy: z
      .enum(["queue", "interrupt"])
      .optional()
      .describe("What a message does while another is answered: wait, or stop that. Default: queue."),
    ...reset,
  })
    .nullish()
    .describe("How conversations run."),
  memory: z
    .boolean()
    .nullish()
    .describe(
      "Whether lasting facts are remembered beyond a conversation, per owner and per chat; /memory shows them. Default: false.",
    ),
  compression,
  telegram: strict({
    live: z
      .enum(["edit", "draft"])
      .optional()
      .describe(
        "How an answer is shown while it is written: one message that is edited, or, in private chats, a draft with a stop button. Default: edit.",
      ),
    rich: z
      .boolean()
      .optional()
      .describe(
        "Whether answers with tables, formulas or task lists are one rich message each, which older clients do not show. Default: false.",
      ),
  })
    .nullish()
    .describe("How answers look on Telegram."),
  cron: cronSchema(work),
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
  transcription: transcription
    .nullish()
    .describe("Voice to text: an endpoint that speaks OpenAI's /audio/transcriptions, or workers-ai."),
  system_prompt: z.string().nullish().describe("What every conversation starts with."),
  history_tokens: z
    .int()
    .positive("must be more than 0")
    .optional()
    .describe(
      "How much of a conversation a turn sends, in estimated tokens. Default: 8000; with `compression` and a `context`, midway between where it compresses and the whole window.",
    ),
});

export type RoutesFile = z.infer<typeof routesFile>;
export type ModelBlock = z.infer<typeof modelBlock>;
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
