import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { reminderOf, runOf } from "../../src/platforms/cron/messages.ts";
import type { JobBundle } from "../../src/routing/types.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { deaf } from "../../src/sessions/listener.ts";
import { runs } from "../../src/sessions/runs.ts";
import { loadText } from "../../tools/routes/load.ts";
import { routesWith, unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

/** What was said, and in which chat. */
let said: string[];
let asked: { model: string; url: string; key: string | null; messages: string[] }[];
let answer: string;
let fails: boolean;
let logged: string[];
let session: SessionCore;
let secrets: { readonly [name: string]: string };

const TELEGRAM = { TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000" };

beforeEach(() => {
  said = [];
  asked = [];
  logged = [];
  answer = "All quiet.";
  fails = false;
  secrets = { KEY: "base-key", ROUTE_KEY: "route-key", JOB_KEY: "job-key" };
  for (const level of ["info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => logged.push(String(line)));
  }
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const { text, chat_id, messages, model } = JSON.parse(String(init?.body));
    if (messages !== undefined) {
      const key = new Headers(init?.headers).get("authorization");
      const contents = messages.map(({ content }: { content: string }) => content);
      asked.push({ model, url: String(url), key, messages: contents });
      if (fails) return Response.json({ error: { message: "no" } }, { status: 400 });
      const choice = { delta: { content: answer }, finish_reason: "stop" };
      return new Response(`data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    }
    if (text !== undefined) said.push(`${chat_id}: ${text}`);
    return Response.json({ ok: true, result: { message_id: said.length } });
  });
});
afterEach(() => void vi.restoreAllMocks());

const routesOf = (cron: string) => {
  const { compiled, findings } = loadText(
    `
model:
  default: m
  base_url: https://base.example/v1
  api_key: \${KEY}
  by_source: { cron: { model: routed, base_url: "https://route.example/v1", api_key: "\${ROUTE_KEY}" } }
homes: { telegram: "42" }
cron: ${cron}
`,
    "routes.yaml",
  );
  if (!compiled) throw new Error(JSON.stringify(findings));
  return compiled;
};
const JOB = "name: brief, schedule: every 1h, prompt: What is on?";

function start(routes = routesOf(`{ jobs: [{ ${JOB} }] }`), sql = memorySql()): void {
  session = new SessionCore({
    name: "agent:main:cron:dm:brief",
    sql,
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: () => {} },
    clock: systemClock,
    kv: new MemoryKv(),
    routes,
    env: { ...TELEGRAM, ...secrets },
    hear: null,
    runs,
    scheduler: unscheduled,
    overheard: deaf(sql),
    enlist: async () => {},
    conversationOf: async () => [],
    roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
    settingsOf: async () => ({}),
  });
}

let due = 1_790_000_000_000;
const HOME = { via: "telegram", chat: "42" } as const;
const turns = () => logged.filter((line) => JSON.parse(line).event === "turn").length;

/** Runs the job once, to its end. */
async function run(
  more: { deliver?: string; remember?: true } = {},
  message?: InboundMessage,
): Promise<void> {
  const before = turns();
  const job = { name: "brief", schedule: "every 1h", prompt: "What is on?", deliver: "home", ...more };
  due += 3_600_000;
  await session.accept(message ?? runOf(job, due, HOME, due));
  await vi.waitFor(() => expect(turns()).toBe(before + 1));
}

test("a job's answer is said at home, and no run knows of another", async () => {
  start();
  await run();
  await run();
  await vi.waitFor(() => expect(said).toEqual(["42: All quiet.", "42: All quiet."]));
  expect(asked.map(({ messages }) => messages)).toEqual([["What is on?"], ["What is on?"]]);
});

test("one that remembers is told what was said before; until the routes file says otherwise", async () => {
  start();
  await run({ remember: true });
  await vi.waitFor(() => expect(said).toHaveLength(1));
  await run({ remember: true });
  await vi.waitFor(() => expect(said).toHaveLength(2));
  expect(asked[1]?.messages).toEqual(["What is on?", "All quiet.", "What is on?"]);
  await run();
  await vi.waitFor(() => expect(said).toHaveLength(3));
  await run();
  expect(asked[3]?.messages).toEqual(["What is on?"]);
});

test("a run whose object ends in the middle is said once, by the next object", async () => {
  const sql = memorySql();
  start(undefined, sql);
  const job = { name: "brief", schedule: "every 1h", prompt: "What is on?", deliver: "home" };
  const message = runOf(job, ++due, HOME, due);
  const never = vi.spyOn(globalThis, "fetch").mockImplementationOnce(() => new Promise(() => {}));
  await session.accept(message);
  await vi.waitFor(() => expect(never).toHaveBeenCalled());
  start(undefined, sql);
  session.look();
  await vi.waitFor(() => expect(said).toEqual(["42: All quiet."]));
  expect(await session.accept(message)).toBe("duplicate");
  expect(said).toHaveLength(1);
});

test.each(["[SILENT]", " [silent]\n", "[SILENT]\nNothing new.", "Nothing new.\n[SILENT]"])(
  "%j says nothing",
  async (text) => {
    start();
    answer = text;
    await run();
    answer = "Something new; I would say [SILENT] otherwise.";
    await run();
    await vi.waitFor(() => expect(said).toEqual([`42: ${answer}`]));
  },
);

describe("a job that fails", () => {
  test("tells so at home, once until it has worked again", async () => {
    start();
    fails = true;
    for (let times = 0; times < 3; times++) await run({ deliver: "telegram:7" });
    fails = false;
    await run({ deliver: "telegram:7" });
    fails = true;
    await run({ deliver: "telegram:7" });
    await vi.waitFor(() => expect(said).toHaveLength(3));
    expect(said[0]).toMatch(/^42: The job brief failed: /);
    expect(said[1]).toBe("7: All quiet.");
    expect(said[2]).toMatch(/^42: The job brief failed: /);
    // The log has every time.
    expect(logged.filter((line) => /"event":"turn".*"outcome":"rejected"/.test(line))).toHaveLength(4);
  });

  test("is only in the log where there is no home", async () => {
    start();
    fails = true;
    const job = { name: "brief", schedule: "every 1h", prompt: "?", deliver: "telegram:7" };
    await run({}, runOf(job, ++due, null, due));
    expect(said).toEqual([]);
  });

  test("tells so at home where its place cannot be reached", async () => {
    start();
    await run({ deliver: "discord:123" });
    await vi.waitFor(() => expect(said).toHaveLength(1));
    expect(said[0]).toMatch(/^42: The job brief failed: /);
    expect(asked).toEqual([]);
  });
});

test("a reminder is said even if the model fails", async () => {
  start();
  const command: InboundMessage = {
    delivery_id: "telegram:1:1",
    source: { platform: "telegram", chat_type: "dm", chat_id: "5", user_id: "5" },
    text: "/remind",
    address: {},
    received_at: 0,
  };
  const reminder = reminderOf(command, "Call Ada", due);
  if (!reminder) throw new Error("no reminder");
  fails = true;
  await run({}, reminder);
  await vi.waitFor(() => expect(said).toEqual(["5: Call Ada"]));
  expect(asked[0]?.messages[0]).toMatch(/^\[A reminder .*\]\n\nCall Ada$/);
  fails = false;
  answer = "[SILENT]";
  await run({}, { ...reminder, delivery_id: "another" });
  await vi.waitFor(() => expect(said).toHaveLength(2));
});

describe("the bundle of a job", () => {
  const of = async (job: string) => {
    start(routesOf(`{ jobs: [{ ${JOB}${job} }] }`));
    await run();
    const { model, url, key } = asked[0] ?? {};
    return { model, url: url?.replace("/chat/completions", ""), key };
  };
  const ROUTE = { model: "routed", url: "https://route.example/v1", key: "Bearer route-key" };

  test("is its route's, where it sets nothing", async () => {
    expect(await of("")).toEqual(ROUTE);
  });

  test("is its route's endpoint with its own model", async () => {
    expect(await of(", model: own")).toEqual({ ...ROUTE, model: "own" });
  });

  test("is its own, whole", async () => {
    const own = ', model: own, base_url: "https://job.example/v1", api_key: "${JOB_KEY}"';
    expect(await of(own)).toEqual({
      model: "own",
      url: "https://job.example/v1",
      key: "Bearer job-key",
    });
  });

  test("takes no key to another endpoint", async () => {
    expect(await of(', base_url: "https://job.example/v1"')).toMatchObject({
      url: "https://job.example/v1",
      key: null,
    });
  });

  test("is its route's where its secret is not set, and the log says so", async () => {
    secrets = { KEY: "base-key", ROUTE_KEY: "route-key" };
    const own = ', model: own, base_url: "https://job.example/v1", api_key: "${JOB_KEY}"';
    expect(await of(own)).toEqual(ROUTE);
    expect(logged.join()).toContain("job: JOB_KEY not set");
  });

  test("has its own fallbacks, each with its own key", async () => {
    secrets = { KEY: "base-key", ROUTE_KEY: "route-key", SPARE: "spare-key" };
    const spare = '{ model: spare, base_url: "https://spare.example/v1", api_key: "${SPARE}" }';
    expect(
      await of(
        `, model: own, base_url: "https://job.example/v1", api_key: "\${JOB_KEY}", fallbacks: [${spare}]`,
      ),
    ).toEqual({ model: "spare", url: "https://spare.example/v1", key: "Bearer spare-key" });
  });

  test("of a job that is gone is its route's", () => {
    const own: JobBundle = { system_prompt: "p" };
    const message = runOf({ name: "gone", schedule: "", prompt: "", deliver: "log", own }, 1, null, 1);
    expect(runs.bundleOf(message, routesWith(), {})).toBeUndefined();
  });
});
