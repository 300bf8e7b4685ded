import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { INFERENCE_ERRORS } from "../../src/inference/errors.ts";
import { systemClock } from "../../src/lib/time.ts";
import { sessionKey } from "../../src/message/key.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { Source } from "../../src/message/source.ts";
import { reminderOf, runOf } from "../../src/platforms/cron/messages.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { FEATURES } from "../../src/sessions/features.ts";
import { deaf } from "../../src/sessions/listener.ts";
import { memoryOf } from "../../src/sessions/memory/memory.ts";
import { ownerNotes } from "../../src/sessions/memory/owner-notes.ts";
import { runs } from "../../src/sessions/runs.ts";
import { loadText } from "../../tools/routes/load.ts";
import { ownersMessage, streamed } from "../support/session.ts";
import { unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

/** Each has a model, an endpoint and a key of its own: `base-model`, `https://base.example/v1`, `BASE_KEY`. */
type Layer = "base" | "route" | "choice" | "job";
/** Who is asked: one layer whole, or a model at the endpoint and with the key of another one. */
type Cell = Layer | `${Layer}'s model at ${Layer}` | "nobody";

interface Column {
  readonly route: boolean;
  /** The session's override: an entry of `models` with an endpoint, or a model id and nothing else. */
  readonly choice: "endpoint" | "model" | null;
  readonly missing: Layer | null;
}

/** The columns of the table in docs/contract.md, in its order. */
const COLUMNS = {
  "no route": { route: false, choice: null, missing: null },
  "a route": { route: true, choice: null, missing: null },
  "a route and a choice": { route: true, choice: "endpoint", missing: null },
  "a route, and a choice of a model alone": { route: true, choice: "model", missing: null },
  "a route and a choice, the choice's secret not set": { route: true, choice: "endpoint", missing: "choice" },
  "a route, its secret not set": { route: true, choice: null, missing: "route" },
  "a route and a choice of a model alone, the route's secret not set": {
    route: true,
    choice: "model",
    missing: "route",
  },
  "no route, base's secret not set": { route: false, choice: null, missing: "base" },
} as const satisfies { readonly [name: string]: Column };

interface Operation {
  /** Who is asked, by column. */
  readonly asks: readonly Cell[];
  readonly source?: Source;
  /** What the routes file has beside models and routes. */
  readonly yaml?: string;
  readonly changes?: Partial<CompiledRoutes>;
  /** The message that starts it. */
  readonly message: () => InboundMessage;
  /** What was said before, in a session with all secrets, if it needs a conversation. */
  readonly before?: (n: number) => InboundMessage;
  /** What is said in the chat where base's secret is not set; null where nothing is. */
  readonly unset: string | null;
  /** How many requests are made where anybody is asked; 1 unless it says so. */
  readonly requests?: number;
  /** Of a job whose own secret is not set. */
  readonly lacks?: "job";
}

const CHAT: Source = { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" };
const TERMINAL: Source = { platform: "cli", chat_type: "dm", chat_id: "main" };
const JOB: Source = { platform: "cron", chat_type: "dm", chat_id: "brief" };
const { line } = INFERENCE_ERRORS.missing_secret;
const STAYS = `${line} The conversation stays as it was.`;

let due = 1_790_000_000_000;
const run = (remember?: true) => (): InboundMessage => {
  const job = { name: "brief", schedule: "every 1h", prompt: LONG, deliver: "home" };
  due += 3_600_000;
  return runOf({ ...job, ...(remember && { remember }) }, due, { via: "telegram", chat: "42" }, due);
};
const LONG = `What is on? ${"q".repeat(400)}`;
const long = (): InboundMessage => ownersMessage(LONG);

function reminder(): InboundMessage {
  const found = reminderOf(ownersMessage("/remind"), "Call Ada", ++due);
  if (!found) throw new Error("nobody can be reminded");
  return found;
}
const job = (own: string) => `cron: { jobs: [{ name: brief, schedule: every 1h, prompt: "?"${own} }] }`;
const JOB_ENDPOINT = `, model: job-model, base_url: "https://job.example/v1", api_key: "\${JOB_KEY}"`;
const FAILED = `The job brief failed: ${line} The next failure is told once it has worked again.`;
const COMPRESSED = { compression: { at_tokens: 100 } };

const AS_ROUTED: readonly Cell[] = [
  "base",
  "route",
  "choice",
  "choice's model at route",
  "route",
  "base",
  "base",
  "nobody",
];
const always = (cell: Cell): readonly Cell[] => Object.keys(COLUMNS).map(() => cell);

/** The rows of the table in docs/contract.md, in its order. */
const OPERATIONS: { readonly [name: string]: Operation } = {
  "a turn": { asks: AS_ROUTED, message: long, unset: line },
  "a turn from the terminal": {
    asks: AS_ROUTED,
    source: TERMINAL,
    message: () => ({ ...ownersMessage("Hello"), source: TERMINAL, address: {} }),
    unset: null,
  },
  "`/background`": {
    asks: AS_ROUTED,
    message: () => ownersMessage("/background Look it up"),
    unset: `Task 1: Look it up\n\n${line}`,
  },
  "`/compress`": { asks: AS_ROUTED, message: () => ownersMessage("/compress"), before: long, unset: STAYS },
  "compression by itself, and the turn behind it": {
    asks: AS_ROUTED,
    changes: COMPRESSED,
    message: long,
    before: long,
    requests: 2,
    unset: line,
  },
  "taking notes (`memory`)": {
    asks: ["base", "base", "base", "base", "base", "base", "base", "nobody"],
    changes: { memory: true },
    message: () => ownersMessage("/new"),
    before: long,
    unset: null,
  },
  "a job": { asks: AS_ROUTED, source: JOB, yaml: job(""), message: run(), unset: FAILED },
  "a job with a model of its own": {
    asks: [
      "job's model at base",
      "job's model at route",
      "job's model at route",
      "job's model at route",
      "job's model at route",
      "base",
      "base",
      "nobody",
    ],
    source: JOB,
    yaml: job(", model: job-model"),
    message: run(),
    unset: FAILED,
  },
  "a job with an endpoint of its own": {
    asks: always("job"),
    source: JOB,
    yaml: job(JOB_ENDPOINT),
    message: run(),
    unset: null,
  },
  "the same, compression by itself and the run behind it": {
    asks: always("job"),
    source: JOB,
    yaml: job(`${JOB_ENDPOINT}, remember: true`),
    changes: COMPRESSED,
    message: run(true),
    before: run(true),
    requests: 2,
    unset: null,
  },
  "the same, the job's secret not set": {
    asks: AS_ROUTED,
    source: JOB,
    yaml: job(JOB_ENDPOINT),
    message: run(),
    lacks: "job",
    unset: FAILED,
  },
  "a reminder": {
    asks: AS_ROUTED,
    source: reminder().source,
    yaml: "cron: {}",
    message: reminder,
    unset: "Call Ada",
  },
};

/** The whole routes file: a route where the column has one, and for jobs and reminders one of the owner's chat. */
function routesOf(
  { yaml = "", changes, source = CHAT }: Operation,
  { route, choice }: Column,
): CompiledRoutes {
  const of = (name: string) =>
    `model: ${name}-model, base_url: "https://${name}.example/v1", api_key: "\${${name.toUpperCase()}_KEY}"`;
  const { platform } = source;
  const chat = platform === "telegram" ? [] : [`{ match: { platform: telegram }, ${of("chat")} }`];
  const routed = route ? [`{ match: { platform: ${platform} }, ${of("route")} }`] : [];
  // An entry with that very model would make it more than a model alone.
  const chosen = choice === "endpoint" ? `chosen: { ${of("choice")} }` : "";
  const text = `
model:
  default: base-model
  base_url: https://base.example/v1
  api_key: \${BASE_KEY}
  routes: [${[...chat, ...routed].join(", ")}]
models:
  ${chosen}
  other: { ${of("chat")} }
owners: { telegram: ["42"] }
homes: { telegram: "42" }
${yaml}
`;
  const { compiled, findings } = loadText(text, "routes.yaml");
  if (!compiled) throw new Error(JSON.stringify(findings));
  return { ...compiled, ...changes };
}

interface Request {
  readonly model: string;
  readonly url: string;
  readonly key: string | null;
}

let asked: Request[];
let said: string[];
let logged: string[];
beforeEach(() => {
  [asked, said, logged] = [[], [], []];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((text) => void logged.push(String(text)));
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const { text, messages, model } = JSON.parse(String(init?.body));
    if (messages === undefined) {
      if (text !== undefined) said.push(text);
      return Response.json({ ok: true, result: { message_id: said.length + 1 } });
    }
    asked.push({ model, url: String(url), key: new Headers(init?.headers).get("authorization") });
    return streamed("<chat>- a fact</chat>");
  });
});
afterEach(() => void vi.restoreAllMocks());

const LAYERS: readonly Layer[] = ["base", "route", "choice", "job"];

/** Runs an operation in a session of its own, to the end of all that it starts. */
async function perform(operation: Operation, column: Column): Promise<void> {
  const { source = CHAT, before, message, lacks } = operation;
  const name = sessionKey(source);
  const [sql, kv, routes] = [memorySql(), new MemoryKv(), routesOf(operation, column)];
  const notes = ownerNotes(memorySql());
  const work: Promise<unknown>[] = [];
  const start = (unset: readonly (Layer | null | undefined)[], changes: Partial<CompiledRoutes> = {}) => {
    const names = [...LAYERS.filter((layer) => !unset.includes(layer)), "chat"];
    const secrets = Object.fromEntries(names.map((layer) => [`${layer.toUpperCase()}_KEY`, `${layer}-key`]));
    return new SessionCore({
      name,
      sql,
      alarm: { set: () => {}, clear: () => {} },
      lifetime: { keepAlive: (promise) => void work.push(promise), end: () => {} },
      clock: systemClock,
      kv,
      routes: { ...routes, ...changes },
      env: { TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000", ...secrets },
      hear: null,
      runs,
      scheduler: unscheduled,
      features: FEATURES,
      overheard: deaf(sql),
      roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
      enlist: async () => {},
      conversationOf: async () => [],
      settingsOf: async () => ({}),
      openMemory: memoryOf(() => ({ notes: async (request) => notes(request) })),
    });
  };
  const finish = async (session: SessionCore, received: InboundMessage) => {
    expect(await session.accept(received)).toBe("accepted");
    while (work.length > 0) await Promise.all(work.splice(0));
  };
  if (before) {
    const earlier = start([], { compression: undefined });
    for (let n = 0; n < 3; n++) await finish(earlier, before(n));
    [asked, said, logged] = [[], [], []];
  }
  const choose = (session: string, model: string) =>
    kv.put(
      `override:${session}`,
      JSON.stringify({ model, set_by: "test", set_at: new Date().toISOString() }),
    );
  if (column.choice) await choose(name, column.choice === "endpoint" ? "chosen" : "choice-model");
  // What holds for the owner's chat is nothing to a job or reminder that is said there.
  if (source !== CHAT) await choose(sessionKey(CHAT), "other");
  await finish(start([column.missing, lacks]), message());
}

/** The request that a cell of the table stands for. */
function requestOf(cell: Exclude<Cell, "nobody">): Request {
  const [model = cell, endpoint = model] = cell.split("'s model at ");
  const url = `https://${endpoint}.example/v1/chat/completions`;
  return { model: `${model}-model`, url, key: `Bearer ${endpoint}-key` };
}

describe.each(Object.entries(OPERATIONS))("%s", (_name, operation) => {
  test.each(
    Object.entries(COLUMNS).map(([title, column], n) => ({
      title,
      column,
      cell: operation.asks[n] ?? "nobody",
    })),
  )("$title: $cell", async ({ column, cell }) => {
    await perform(operation, column);
    if (cell !== "nobody") {
      expect(asked).toEqual(Array(operation.requests ?? 1).fill(requestOf(cell)));
      return;
    }
    expect(asked).toEqual([]);
    expect(logged.join("\n")).toContain("not set: BASE_KEY");
    if (operation.unset === null) expect(said.join("\n")).not.toContain(line);
    else expect(said.at(-1)).toBe(operation.unset);
  });
});

test("docs/contract.md says the same", () => {
  const page = readFileSync("docs/contract.md", "utf8");
  const [, section = ""] = page.split("\n### What each operation asks\n");
  const [head, , ...rows] =
    section
      .split("\n### ")[0]
      ?.split("\n")
      .filter((row) => row.startsWith("|"))
      .map((row) =>
        row
          .slice(1, -1)
          .split("|")
          .map((text) => text.trim()),
      ) ?? [];
  expect(head).toEqual(["operation", ...Object.keys(COLUMNS)]);
  expect(rows).toEqual(Object.entries(OPERATIONS).map(([name, { asks }]) => [name, ...asks]));
});
