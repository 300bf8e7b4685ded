import { beforeEach, expect, test } from "vitest";
import { type CommandContext, mayRun } from "../../src/commands/command.ts";
import { COMMANDS, findCommand } from "../../src/commands/index.ts";
import type { ModelUsage } from "../../src/commands/session.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { SourceKind } from "../../src/message/platforms.ts";
import type { StoredOverride } from "../../src/routing/override.ts";
import type { CompiledRoutes, Override } from "../../src/routing/types.ts";
import { buildIndex } from "../../tools/routes/build-index.ts";

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
      override: async () => override,
      setOverride: async (next: Override | null) => {
        calls.push(`set ${JSON.stringify(next)}`);
        override = next ? { model: next.model ?? "", set_at: "2026-11-23T10:00:00.000Z" } : null;
      },
      stop: () => {
        calls.push("stop");
        return { running: true, dropped: 2 };
      },
      clear: () => calls.push("clear"),
      status: () => ({ running: true, waiting: 2, messages: 8, parked: 1, last: null }),
      usage: () => used,
    },
  };
}

const run = (text: string, within = context()): Promise<string> => {
  const [name = "", ...args] = text.slice(1).split(" ");
  const command = findCommand(name);
  if (!command) throw new Error(`no /${name}`);
  return command.run(args.join(" "), within);
};

test("/model shows the model, the layer and route that decided, and what there is to choose", async () => {
  expect(await run("/model")).toBe(
    [
      "Model: claude-opus (custom)",
      "Decided by: route routes[0] line 12",
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
  expect(await run("/model")).toContain("Decided by: this chat's /model (set 2026-11-23T10:00:00.000Z)");
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
  expect(status).toContain("Model: claude-opus (custom)");
  expect(status).toContain("Turn: running, 2 waiting");
  expect(status).toContain("Could not be answered: 1");
  expect(status).toContain("claude-opus cannot answer: its secret KEY is not set.");
});

test("/help lists only what this kind of source may run", async () => {
  expect(await run("/help")).toMatch(/^\/model — .*\n\/new — /);
  expect(await run("/help", context("stranger"))).not.toContain("/model");
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
    "opus: 2 turns, 12\u202f345 in (1\u202f000 cached), 678 out, cost 0.1234",
    "haiku: 1 turn, 10 in, 5 out (3 reasoning)",
    "",
    "In all:",
    "opus: 2 turns, 12\u202f345 in (1\u202f000 cached), 678 out, cost 0.1234",
    "haiku: 1 turn, 10 in, 5 out (3 reasoning)",
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
    return command !== undefined && mayRun(command, kind, access);
  };
  expect(may("model", "owner")).toBe(true);
  expect(may("model", "stranger")).toBe(false);
  expect(may("status", "stranger")).toBe(true);
  expect(may("status", "hub_peer")).toBe(false);
  expect(may("usage", "stranger")).toBe(false);
  expect(may("stop", "hub_peer")).toBe(true);
});
