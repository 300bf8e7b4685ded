import { beforeEach, expect, test } from "vitest";
import { type CommandContext, mayRun } from "../../src/commands/command.ts";
import { COMMANDS, findCommand } from "../../src/commands/index.ts";
import type { ModelUsage } from "../../src/commands/session.ts";
import { timeInWords } from "../../src/commands/words.ts";
import type { Scheduling } from "../../src/env.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { SourceKind } from "../../src/message/platforms.ts";
import type { StoredOverride } from "../../src/routing/override.ts";
import type { CompiledRoutes, Override } from "../../src/routing/types.ts";
import { buildIndex } from "../../tools/routes/build-index.ts";
import { unscheduled } from "../support/setup.ts";

const routes: CompiledRoutes = {
  hash: "000000000000",
  base: {
    model: "claude-sonnet",
    provider: "custom",
    base_url: "https://llm.example/v1",
    api_key: "${KEY}",
    api_mode: "chat_completions",
  },
  ...buildIndex([
    { from: "routes", index: 0, line: 12, match: { source_kind: ["owner"] }, set: { model: "claude-opus" } },
    {
      from: "routes",
      index: 1,
      line: 15,
      match: { platform: ["discord"] },
      set: { model: "elsewhere", base_url: "https://other.example/v1", api_key: "${OTHER}" },
    },
  ]),
  models: {
    fast: { model: "claude-haiku" },
    Local: { model: "llama", base_url: "https://box.example/v1", api_key: "${BOX_KEY}" },
  },
  owners: { telegram: ["42"] },
  homes: {},
  access: { strangers: "answer", hub_peers: "answer", commands: { model: ["owner"] } },
  system_prompt: null,
  history_tokens: 1000,
};

const message: InboundMessage = {
  delivery_id: "telegram:1:1",
  source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
  text: "/model",
  address: {},
  received_at: 0,
};

let override: StoredOverride | null;
let calls: string[];
let used: ModelUsage[];
beforeEach(() => {
  override = null;
  calls = [];
  used = [];
});

function context(
  kind: SourceKind = "owner",
  secrets: Record<string, string> = { KEY: "k", BOX_KEY: "b" },
): CommandContext {
  return {
    message:
      kind === "owner" ? message : { ...message, source: { ...message.source, user_id: "7", chat_id: "7" } },
    kind,
    routes,
    env: secrets,
    now: Date.now(),
    commands: COMMANDS,
    session: {
      scheduler: unscheduled,
      override: async () => override,
      setOverride: async (next: Override | null) => {
        calls.push(`set ${JSON.stringify(next)}`);
        override = next ? { model: next.model ?? "", set_at: "2026-11-23T10:00:00.000Z" } : null;
      },
      settings: () => ({}),
      setSettings: () => {},
      setHome: async () => {},
      openThread: async () => "",
      dropOverheard: async () => {},
      stop: () => {
        calls.push("stop");
        return { running: true, dropped: 2 };
      },
      seq: 7,
      clear: () => calls.push("clear"),
      takeBackNew: async () => false,
      putBack: () => false,
      undo: () => null,
      retry: () => "nothing",
      parked: () => [],
      askParked: () => 0,
      dropParked: () => {},
      memory: null,
      status: () => ({ running: true, waiting: 2, messages: 8, parked: 1, last: null }),
      usage: () => used,
    },
  };
}

const from = (source: InboundMessage["source"]): CommandContext => ({
  ...context(),
  message: { ...message, source },
});

const run = async (text: string, within = context()): Promise<string> => {
  const [name = "", ...args] = text.slice(1).split(" ");
  const command = findCommand(name);
  if (!command) throw new Error(`no /${name}`);
  const reply = await command.run(args.join(" "), within);
  return typeof reply === "string" ? reply : (reply?.text ?? "");
};

test("/model shows the model, the layer and route that decided, and what there is to choose", async () => {
  expect(await run("/model")).toBe(
    [
      "Model: claude-opus (custom), by routes[0] (line 12)",
      "",
      "Choose:",
      "/model fast — claude-haiku",
      "/model Local — llama",
      "/model reset — back to the route",
    ].join("\n"),
  );
});

test("/model NAME takes a short name in any case, or a model's id, and stores the short name", async () => {
  expect(await run("/model FAST")).toContain("claude-haiku");
  expect(await run("/model llama")).toContain("llama");
  expect(await run("/model claude-sonnet")).toContain("claude-sonnet");
  expect(calls).toEqual(['set {"model":"fast"}', 'set {"model":"Local"}', 'set {"model":"claude-sonnet"}']);
});

test("a model of another endpoint cannot be named by its id alone: it would go out with the wrong key", async () => {
  expect(await run("/model elsewhere")).toContain("no model `elsewhere`");
  expect(calls).toEqual([]);
});

test("an unknown name changes nothing and gets the nearest", async () => {
  expect(await run("/model fsat")).toContain("Did you mean `fast`?");
  expect(await run("/model two words")).toContain("no spaces");
  expect(calls).toEqual([]);
});

test("after a choice /model says that this chat decided, and /model reset undoes it", async () => {
  await run("/model fast");
  expect(await run("/model")).toMatch(
    [
      "Model: claude-haiku (custom), chosen here with /model at 2026-11-23 10:00 UTC",
      "Without it: claude-opus (custom), by routes[0] (line 12)",
    ].join("\n"),
  );
  expect(await run("/model reset")).toContain("Model: claude-opus");
  expect(override).toBeNull();
});

test("a choice whose secret is not set says so, and which model answers until then", async () => {
  const answer = await run("/model Local", context("owner", { KEY: "k" }));
  expect(answer).toContain("cannot be used yet");
  expect(answer).toContain("claude-opus answers");
});

test("/new ends the turn, forgets the conversation and clears the override", async () => {
  expect(await run("/new")).toBe("New conversation. The model is claude-opus.");
  expect(calls).toEqual(["stop", "clear", "set null"]);
});

test("/stop says what it ended", async () => {
  expect(await run("/stop")).toBe("Stopped, and dropped 2 waiting messages.");
});

test("/status names the model, its route, the turn, and to the owner the secret that is not set", async () => {
  const status = await run("/status", context("owner", {}));
  expect(status).toContain("Model: claude-opus (custom), by routes[0] (line 12)");
  expect(status).toContain("Answering: yes, 2 messages waiting");
  expect(status).toContain("1 message got no answer: ");
  expect(status).toContain("/new starts anew");
  expect(status).toContain("You are: owner (telegram 42)");
  expect(status).toContain("claude-opus cannot answer: its secret KEY is not set.");
});

test("/help lists only what this kind of source may run", async () => {
  expect(await run("/help")).toMatch(/^Just write .*\n\n\/model — .*\n\/models — .*\n\/new — /);
  expect(await run("/help", context("stranger"))).not.toContain("/model");
});

test("/start greets and says what to do; on Discord it and /help name what asks", async () => {
  expect(await run("/start")).toMatch(/^Hello! Just write what you want to know\..*\/new/);
  expect(await run("/start")).not.toContain("\n");
  const discord = from({ platform: "discord", chat_type: "group", chat_id: "1", user_id: "42" });
  for (const command of ["/start", "/help"]) {
    expect(await run(command, discord)).toContain("/ask, or with *Ask about this*");
  }
  const group = from({ platform: "telegram", chat_type: "group", chat_id: "-1", user_id: "42" });
  expect(await run("/start", group)).toContain("Mention me");
});

test("a route is known by its name, and only its owner is told where it stands", async () => {
  const named = {
    ...routes,
    ...buildIndex([
      {
        from: "routes",
        index: 0,
        line: 9,
        name: "work",
        match: { platform: ["telegram"] },
        set: { model: "w" },
      },
    ]),
  };
  const shown = (kind: SourceKind) => run("/status", { ...context(kind), routes: named });
  expect(await shown("owner")).toContain('Model: w (custom), by route "work" (line 9)\n');
  expect(await shown("stranger")).toContain('Model: w (custom), by route "work"\n');
  expect(await shown("stranger")).toContain("You are: stranger (telegram 7)");
  expect(await run("/status", context("stranger"))).not.toContain("line");
});

test("/whoami shows ids, the session and what one may do", async () => {
  const topic = {
    platform: "telegram",
    chat_type: "group",
    chat_id: "-1",
    user_id: "7",
    thread_id: "5",
  } as const;
  const lines = (await run("/whoami", { ...from(topic), kind: "stranger" })).split("\n");
  expect(lines).toEqual([
    "You are: stranger (telegram 7)",
    "Here: group, chat -1, topic 5",
    "Session: `agent:main:telegram:group:-1:5`",
    "You may use: /memory /stop /status /usage /whoami /help /start",
  ]);
});

test("/models shows the models in pages", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 25 }, (_, n) => [`m${n + 1}`, { model: `id-${n + 1}` }]),
  );
  const within = { ...context(), routes: { ...routes, models: many } };
  const first = (await run("/models", within)).split("\n");
  expect(first[0]).toBe("25 models, page 1 of 2:");
  expect(first.slice(-2)).toEqual(["/model m20 — id-20", "More: /models 2"]);
  expect((await run("/models 2", within)).split("\n").slice(1)).toEqual(
    [21, 22, 23, 24, 25].map((n) => `/model m${n} — id-${n}`),
  );
  expect(await run("/models 3", within)).toBe("There are pages 1 to 2.");
  expect(await run("/model", within)).toContain("/models — all 25");
  expect(await run("/models", { ...context(), routes: { ...routes, models: {} } })).toContain("any model id");
});

test("/route says which route, each field's layer and why earlier routes do not match, and never a key", async () => {
  const key = "sk-literal-credential";
  const within = {
    ...context(),
    routes: {
      ...routes,
      base: { ...routes.base, headers: { "x-key": key }, params: { top_k: 3 } },
      ...buildIndex([
        { from: "routes", index: 0, line: 3, match: { platform: ["discord", "hub"] }, set: { model: "a" } },
        {
          from: "routes",
          index: 1,
          line: 5,
          name: "night",
          match: { platform: ["telegram"], user_id: ["1", "2", "3", "4"], thread_id: ["9"] },
          set: { model: "b" },
        },
        { from: "routes", index: 2, line: 7, match: { thread_id: ["9"] }, set: { model: "c" } },
        {
          from: "routes",
          index: 3,
          line: 9,
          match: { source_kind: ["owner"] },
          set: { model: "d", api_key: key },
        },
        { from: "routes", index: 4, line: 11, match: { source_kind: ["cron"] }, set: { model: "e" } },
      ]),
    },
  };
  const shown = await run("/route", within);
  expect(shown.split("\n")).toEqual([
    "Your messages take routes[3] (line 9) here.",
    "For: platform=telegram source_kind=owner user_id=42 chat_id=42 chat_type=dm modality=text",
    "model: d ← route",
    "provider: custom ← base",
    "base_url: https://llm.example/v1 ← base",
    "api_key: (not shown) ← route",
    "api_mode: chat_completions ← base",
    "headers: (not shown) ← base",
    "params: (not shown) ← base",
    "Passed over:",
    "routes[0] (line 3): platform is telegram, not discord or hub",
    'route "night" (line 5): user_id is 42, not 1 or 2 or 3 …',
    "routes[2] (line 7): thread_id is not given, not 9",
  ]);
  expect(shown).not.toContain(key);
  const routed = buildIndex(
    Array.from({ length: 15 }, (_, index) => ({
      from: "routes" as const,
      index,
      line: index,
      match: { user_id: [`u${index}`] },
      set: { model: "n" },
    })),
  );
  const none = await run("/route", { ...context(), routes: { ...routes, ...routed } });
  expect(none).toMatch(/^Your messages take the default here\.\n/);
  expect(none).toContain("routes[11] (line 11): user_id is 42, not u11\nand 3 routes more");
});

test("/route says which route would take the message, but cannot be used", async () => {
  const set = { model: "own", base_url: "https://own.example/v1", api_key: "${OWNER_KEY}" };
  const owners = buildIndex([{ from: "routes", index: 0, line: 3, match: { source_kind: ["owner"] }, set }]);
  const shown = await run("/route", { ...context(), routes: { ...routes, ...owners } });
  expect(shown).toMatch(/^Your messages take the default here\.\n/);
  expect(shown).toContain(
    "The model of routes[0] (line 3) cannot be used: its secret OWNER_KEY is not set. claude-sonnet answers instead.",
  );
});

test("without `models:` /model says that any id works; who may not change it is offered nothing", async () => {
  expect(await run("/model", { ...context(), routes: { ...routes, models: {} } })).toContain("any model id");
  expect(await run("/model", context("stranger"))).toBe("Model: claude-sonnet (custom), the default");
});

test("in a group a choice says whom it is for", async () => {
  const where = { platform: "telegram", chat_type: "group", chat_id: "-1", user_id: "42" } as const;
  expect(await run("/model fast", from(where))).toContain(" for you in this chat, from the next message on");
  expect(await run("/model fast", from({ ...where, thread_id: "5" }))).toContain(
    " for everybody in this thread",
  );
  expect(await run("/model fast")).not.toContain(" for ");
});

test("today's times are shown without their date", () => {
  const at = "2026-11-24T06:39:12.000Z";
  expect(timeInWords(at, Date.UTC(2026, 10, 24, 23))).toBe("06:39 UTC");
  expect(timeInWords(at, Date.UTC(2026, 10, 25))).toBe("2026-11-24 06:39 UTC");
});

test("/usage shows tokens and cost by model, today and in all", async () => {
  expect(await run("/usage")).toBe("Nothing has been used in this chat yet.");
  used = [
    { model: "opus", turns: 2, input: 12_345, output: 678, cached: 1_000, reasoning: 0, cost: 0.1234 },
    { model: "haiku", turns: 1, input: 10, output: 5, cached: 0, reasoning: 3, cost: null },
  ];
  const lines = (await run("/usage")).split("\n");
  expect(lines).toEqual([
    "Today (UTC):",
    "opus: 2 turns, 12\u202f345 tokens in (8 % cached), 678 tokens out, cost 0.1234",
    "haiku: 1 turn, 10 tokens in, 5 tokens out (3 reasoning)",
    "",
    "In all:",
    "opus: 2 turns, 12\u202f345 tokens in (8 % cached), 678 tokens out, cost 0.1234",
    "haiku: 1 turn, 10 tokens in, 5 tokens out (3 reasoning)",
  ]);
});

test("a command that access does not name is for whom it says itself", () => {
  const access = {
    strangers: "answer",
    hub_peers: "answer",
    commands: { usage: ["owner"], stop: ["hub_peer"] },
  } as const;
  const may = (name: string, kind: SourceKind) => {
    const command = findCommand(name);
    return command !== undefined && mayRun(command, kind, access, null);
  };
  expect(may("model", "owner")).toBe(true);
  expect(may("model", "stranger")).toBe(false);
  expect(may("status", "stranger")).toBe(true);
  expect(may("status", "hub_peer")).toBe(false);
  expect(may("usage", "stranger")).toBe(false);
  expect(may("stop", "hub_peer")).toBe(true);
});

test("where several people share a session, what destroys is the owners', unless access names others", () => {
  const topic = { platform: "telegram", chat_type: "group", chat_id: "-1", thread_id: "7" } as const;
  const eve = { ...topic, user_id: "7" };
  const may = (name: string, source: InboundMessage["source"], granted: readonly string[] | null = null) => {
    const commands = granted ? { [name]: granted } : {};
    const command = findCommand(name);
    const access = { strangers: "answer", hub_peers: "answer", commands } as const;
    return command !== undefined && mayRun(command, "stranger", access, source);
  };
  for (const name of ["new", "undo", "retry"]) {
    expect(may(name, eve), name).toBe(false);
    expect(may(name, { ...eve, thread_id: undefined }), `${name}, in a session of one's own`).toBe(true);
    expect(may(name, eve, ["owner", "stranger"]), `${name}, granted to all`).toBe(true);
    expect(may(name, eve, ["owner", "telegram:7"]), `${name}, granted to one`).toBe(true);
    expect(may(name, { ...eve, user_id: "8" }, ["owner", "telegram:7"]), `${name}, to another`).toBe(false);
    expect(may(name, { ...eve, platform: "discord" }, ["telegram:7"]), `${name}, elsewhere`).toBe(false);
  }
  expect(may("stop", eve)).toBe(true);
});

test("what somebody wrote is shown as it is, on one line, whatever Markdown it holds", async () => {
  const question = "see [this](https://evil.example)\n**now** `rm`";
  const session = { ...context().session, undo: () => ({ question, seq: 3 }) };
  expect(await run("/undo", { ...context(), session })).toBe(
    "Taken out of the conversation: `see [this](https://evil.example) **now** 'rm'`",
  );
});

test("/background is refused where nobody would see its answer: the terminal follows its own questions", async () => {
  const cli = { ...message, source: { platform: "cli", chat_type: "dm", chat_id: "main" } } as const;
  expect(await findCommand("background")?.run("How do tides work?", { ...context(), message: cli })).toMatch(
    /^The terminal shows only/,
  );
});

test("/remind says what Discord takes only there", async () => {
  const scheduler: Scheduling = {
    jobs: async () => [],
    runJob: async () => {},
    pauseJob: async () => {},
    remind: async () => "unreachable",
    reminders: async () => [],
    cancelReminder: async () => false,
  };
  const { session, ...rest } = context();
  const asked = (source: Partial<InboundMessage["source"]>) =>
    run("/remind in 5m tea", {
      ...rest,
      message: { ...message, source: { ...message.source, ...source } },
      session: { ...session, scheduler: () => scheduler },
    });
  expect(await asked({ platform: "cli" })).toBe("I cannot write here by myself later.");
  expect(await asked({ platform: "discord" })).toContain("DISCORD_BOT_TOKEN");
});
