import type { Addition } from "./copy.ts";

/** Behind this line of a file, that. */
const behind = (line: string, more: string): readonly [string, string] => [line, `${line}\n${more}`];

/** A platform: its folder, its place in the list and its row. Hermes knows the name already. */
export const PLATFORM: Addition = {
  "src/platforms/sms/index.ts": `
import { PLATFORM_FACTS } from "../../message/platforms.ts";
import type { Platform } from "../platform.ts";

export const sms: Platform = {
  name: "sms",
  secrets: PLATFORM_FACTS.sms.secrets,
  webhook: {
    verify: async (request) => request.headers.get("x-signature") === "right",
    parse: async (payload, _env, _routes, now) => ({
      kind: "message",
      message: {
        delivery_id: "sms:1",
        source: { platform: "sms", chat_type: "dm", chat_id: "+49", user_id: "+49", thread_id: "1" },
        text: String(payload),
        address: {},
        received_at: now,
      },
      accepted: "accepted",
      refused: "refused",
    }),
  },
  delivery: {
    split: (text) => [text],
    send: async () => ({ kind: "sent", message_id: null }),
  },
};
`,
  "src/platforms/all.ts": [
    behind('import type { Platform } from "./platform.ts";', 'import { sms } from "./sms/index.ts";'),
    ["= [telegram, discord, hub, cli, cron]", "= [telegram, discord, hub, cli, cron, sms]"],
  ],
  "tools/lib/owner-ids.ts": [
    behind(
      "export const OWNER_IDS: { readonly [Name in PlatformName]: OwnerId } = {",
      `  sms: { pattern: /^\\+\\d+$/, in_words: "by numbers such as +4930" },`,
    ),
  ],
  "src/message/platforms.ts": [
    behind(
      "export const PLATFORM_FACTS = {",
      `  sms: {
    title: "SMS",
    source_kinds: ["owner", "stranger"],
    lacks: ["thread_id"],
    secrets: ["SMS_TOKEN"],
  },`,
    ),
  ],
};

/** A chat command: its file and its place in the list. */
export const COMMAND: Addition = {
  "src/commands/dice.ts": `
import { type Command, PEOPLE } from "./command.ts";

const SIDES = ["6", "20"];

export const dice: Command = {
  name: "dice",
  aliases: ["roll"],
  summary: "Throw a die",
  argument: { name: "sides", summary: "How many sides it has" },
  access: PEOPLE,
  choices: (typed) => SIDES.filter((side) => side.startsWith(typed)).map((side) => ({ name: side, value: side })),
  run: async (sides) => \`1 of \${sides}\`,
};
`,
  "src/commands/all.ts": [
    behind('import type { Command } from "./command.ts";', 'import { dice } from "./dice.ts";'),
    behind("  model,", "  dice,"),
  ],
};

/** A provider over HTTP: its row. Hermes knows the name already. */
export const PROVIDER: Addition = {
  "src/routing/providers.ts": [
    behind(
      "export const PROVIDER_FACTS = {",
      `  arcee: {
    base_url: "https://api.arcee.example/v1",
    sends: true,
    api_modes: ["chat_completions"],
    images: false,
    param_names: { max_tokens: "longest_answer" },
  },`,
    ),
  ],
};

/** A provider that is not called over HTTP: its row, its file and its place in the list. */
export const LOCAL_PROVIDER: Addition = {
  "src/routing/providers.ts": [
    behind(
      "echo: { base_url: null, sends: false, api_modes: LIKE_OPENAI, images: false },",
      '  parrot: { base_url: null, sends: false, api_modes: ["chat_completions"], images: true },',
    ),
  ],
  "src/inference/parrot.ts": `
import { ok } from "../lib/result.ts";
import type { Provider } from "./port.ts";

export const parrot: Provider = { prepare: () => ok(async () => null) };
`,
  "src/inference/providers.ts": [
    behind('import { overHttp } from "./http/post.ts";', 'import { parrot } from "./parrot.ts";'),
    behind('"workers-ai": parts.workersAi ?? absent("workers-ai"),', "  parrot,"),
  ],
};

/** A match key: how it is read, and what is said of it. One of any value, and one of known values. */
export const MATCH_KEY: Addition = {
  "src/routing/match-keys.ts": [
    behind(
      "export const MATCH_KEYS = {",
      `  nickname: ({ source }) => source.user_name,
  weekday: () => "monday",`,
    ),
    behind(
      "const facts: { readonly [Key in ContextKey]: MatchKeyFacts } = {",
      `  nickname: { about: "What the sender is called." },
  weekday: { about: "The day.", values: ["monday", "sunday"] },`,
    ),
  ],
};

/** Fields of a bundle: their rows, and what the routes file may say of them. */
export const BUNDLE_FIELD: Addition = {
  "src/routing/bundle-fields.ts": [
    behind(
      "export interface Carried {",
      `  readonly hushed?: boolean | undefined;
  readonly memory?: number | undefined;
  readonly cookies?: { readonly [name: string]: string } | undefined;`,
    ),
    behind(
      "const CARRIED_FIELDS: { readonly [Name in CarriedName]-?: CarriedField<Name> } = {",
      `  hushed: { of: null, over: (under, set) => set.hushed ?? under.hushed },
  memory: { of: "model", over: (under, set) => set.memory ?? under.memory },
  cookies: { of: "endpoint", over: (under, set) => merge(under.cookies, set.cookies) },`,
    ),
  ],
  "tools/routes/endpoint-schema.ts": [
    behind(
      "const plain = {",
      `  hushed: field(z.boolean(), "Whether it is quiet."),
  memory: field(z.int(), "What the model remembers."),
  cookies: field(z.record(z.string(), z.string()), "Cookies."),`,
    ),
  ],
};
