import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hubClient } from "../../../src/platforms/hub/api.ts";
import { type LookReport, type LookTools, look } from "../../../src/platforms/hub/look.ts";
import { Standings } from "../../../src/platforms/hub/standings.ts";
import type { InboundMessage } from "../../../src/platforms/platform.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { naiveTime } from "../../../tools/doubles/hub-store.ts";
import { envWith, fixture, routesWith } from "./setup.ts";

/** The table of the inbox object, in memory; the real one is tested inside workerd. */
class Memory {
  readonly ids = new Set<string>();
  firstLookDone: boolean;
  constructor(firstLookDone: boolean) {
    this.firstLookDone = firstLookDone;
  }
  has = (id: string) => this.ids.has(id);
  add = (id: string) => {
    this.ids.add(id);
  };
  keepOnly = (listed: ReadonlySet<string>) => {
    for (const id of this.ids) if (!listed.has(id)) this.ids.delete(id);
  };
  isFirstLook = () => !this.firstLookDone;
  endFirstLook = (backlog: readonly string[]) => {
    for (const id of backlog) this.ids.add(id);
    this.firstLookDone = true;
  };
}

let hub: HubDouble;
let seen: Memory;
let handed: InboundMessage[];
let logged: string[];
let tools: LookTools;

beforeEach(async () => {
  hub = await startHub();
  await hub.register("talaria");
  const registered_at = Date.now() - 30 * 24 * 60 * 60_000;
  await hub.register("argus", { registered_at });
  await hub.register("brisk", { registered_at });
  seen = new Memory(true);
  handed = [];
  logged = [];
  for (const level of ["info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => logged.push(String(line)));
  }
  tools = {
    hub: hubClient(envWith(hub.env("talaria")), { get_retry_waits_ms: [] }),
    seen,
    standings: new Standings(),
    routes: routesWith(),
    handOver: async (message) => {
      handed.push(message);
    },
  };
});
afterEach(async () => {
  vi.restoreAllMocks();
  await hub.stop();
});

const lookWith = async (changes: Partial<LookTools> = {}): Promise<LookReport> => {
  const result = await look({ ...tools, ...changes });
  if (!result.ok) throw new Error(`the inbox was not read: ${result.error.reason}`);
  return result.value;
};
const texts = () => handed.map(({ text }) => text);
const unread = () => hub.inbox("talaria").filter(({ read }) => !read);
const say = (from: string, message: string) => hub.send({ from, to: "talaria", message });

describe("a message", () => {
  test("is handed over, and marked read only afterwards", async () => {
    await say("argus", "hello");
    const [, message] = hub.inbox("talaria");
    await lookWith({
      handOver: async (inbound) => {
        expect(unread().map(({ id }) => id)).toContain(message?.id);
        handed.push(inbound);
      },
    });
    expect(handed).toMatchObject([
      {
        delivery_id: `hub:talaria:${message?.id}`,
        text: "hello",
        address: { peer: "argus" },
        source: { platform: "hub", chat_type: "dm", chat_id: "hub:argus", user_id: "argus", verified: true },
      },
    ]);
    expect(unread()).toEqual([]);
  });

  test("of an unregistered name is marked read and not answered, whatever the name", async () => {
    for (const from of ["hub-system", "stranger", "../agents/argus", "argus/message"])
      await say(from, "psst");
    const report = await lookWith();
    expect(report).toMatchObject({ accepted: 0, refused: 3 });
    expect(handed).toEqual([]);
    expect(unread()).toEqual([]);
    expect(hub.requests.map(({ path }) => path).filter((path) => path.includes(".."))).toEqual([]);
    expect(logged.join()).toContain('"reason":"unverified"');
    expect(logged.join()).not.toContain("psst");
  });

  test("that came before its name was registered is not the registered agent's", async () => {
    await say("imp", "I am imp");
    hub.put("talaria", {
      id: "early",
      from: "imp",
      message: "old",
      timestamp: naiveTime(Date.now() - 60_000),
    });
    await hub.register("imp");
    await lookWith();
    expect(handed).toEqual([]);
  });

  test("is refused where the routes answer no peers", async () => {
    await say("argus", "hello");
    const access = { ...routesWith().access, hub_peers: "ignore" } as const;
    expect(await lookWith({ routes: routesWith({ access }) })).toMatchObject({ refused: 1 });
    expect(handed).toEqual([]);
    expect(unread()).toEqual([]);
  });
});

test("what is no message is marked read and starts nothing; without an id it is dealt with once", async () => {
  hub.put("talaria", fixture("broadcast"));
  hub.put("talaria", { ...fixture("settlement-webhook"), id: undefined });
  await hub.send({ from: "talaria", to: "talaria", message: "note to self" });
  expect(await lookWith()).toMatchObject({ unread: 4, uninteresting: 4, accepted: 0 });
  expect(unread()).toMatchObject([{ type: "settlement_webhook" }]);
  expect(await lookWith()).toMatchObject({ unread: 1, uninteresting: 0 });
  expect(handed).toEqual([]);
});

describe("order", () => {
  test("each peer's messages stay in order, and a slow peer does not hold up another", async () => {
    for (const text of ["one", "two", "three"]) await say("argus", text);
    for (const text of ["un", "deux"]) await say("brisk", text);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const running = lookWith({
      handOver: async (message) => {
        if (message.text === "one") await held;
        handed.push(message);
      },
    });
    await vi.waitFor(() => expect(texts()).toEqual(["un", "deux"]));
    release();
    await running;
    expect(texts()).toEqual(["un", "deux", "one", "two", "three"]);
  });

  test("a session that fails leaves its peer's messages unread, in order, for the next look", async () => {
    for (const text of ["one", "two"]) await say("argus", text);
    await say("brisk", "un");
    const failing = async (message: InboundMessage) => {
      if (message.address.peer === "argus") throw new Error("storage is full");
      handed.push(message);
    };
    expect(await lookWith({ handOver: failing })).toMatchObject({ accepted: 1, left: 2, more: false });
    expect(unread().map(({ message }) => message)).toEqual(["one", "two"]);
    await lookWith();
    expect(texts()).toEqual(["un", "one", "two"]);
    expect(unread()).toEqual([]);
  });

  test("a sender that Hub cannot name right now waits for the next look", async () => {
    await say("argus", "hello");
    hub.failNext(1, 502, { only: /^GET \/agents\/argus$/ });
    expect(await lookWith()).toMatchObject({ left: 1, accepted: 0 });
    await lookWith();
    expect(texts()).toEqual(["hello"]);
  });
});

describe("once", () => {
  test("a message that cannot be marked read is handed over once, and marked later", async () => {
    for (const text of ["one", "two"]) await say("argus", text);
    hub.failNext(1, 502, { only: /\/read$/ });
    await lookWith();
    // After the first failure the others are not tried: one request, and all of them remembered.
    expect(hub.requests.filter(({ path }) => path.endsWith("/read"))).toHaveLength(1);
    expect(unread()).toHaveLength(3);
    await lookWith();
    expect(texts()).toEqual(["one", "two"]);
    expect(unread()).toEqual([]);
    await lookWith();
    expect(seen.ids.size).toBe(0);
  });

  test("a name is asked for once in five minutes", async () => {
    await say("argus", "one");
    await lookWith();
    await say("argus", "two");
    await lookWith();
    expect(hub.requests.filter(({ path }) => path === "/agents/argus")).toHaveLength(1);
  });
});

describe("many", () => {
  test("a flood is worked off in shares, and does not keep others waiting", async () => {
    for (let i = 0; i < 30; i++) await say("argus", `${i}`);
    await say("brisk", "me too");
    expect(await lookWith()).toMatchObject({ accepted: 19, uninteresting: 1, more: true });
    expect(texts()).toContain("me too");
    expect(await lookWith()).toMatchObject({ accepted: 12, more: false });
    expect(unread()).toEqual([]);
  });

  test("when nothing gets on, nothing is tried again at once", async () => {
    for (let i = 0; i < 30; i++) await say("argus", `${i}`);
    await lookWith({ handOver: () => Promise.reject(new Error("down")) });
    expect(await lookWith({ handOver: () => Promise.reject(new Error("down")) })).toMatchObject({
      left: 20,
      more: false,
    });
  });
});

describe("the very first look", () => {
  beforeEach(() => {
    seen = new Memory(false);
    tools = { ...tools, seen };
    hub.put("talaria", {
      from: "argus",
      message: "last week",
      timestamp: naiveTime(Date.now() - 11 * 60_000),
    });
    hub.put("talaria", { from: "argus", message: "undated", timestamp: "some time ago" });
    hub.put("talaria", { from: "argus", message: "just now", timestamp: naiveTime(Date.now() - 9 * 60_000) });
  });

  test("answers only what is younger than ten minutes, and counts the rest in one line", async () => {
    await lookWith();
    expect(logged.filter((line) => line.includes("hub_first_look"))).toEqual([
      '{"level":"info","event":"hub_first_look","unread":4,"too_old":2}',
    ]);
    expect(logged.join()).not.toContain("last week");
    expect(unread()).toEqual([]);
    expect(texts()).toEqual(["just now"]);
  });

  test("happens once: later, a message is answered however old it is", async () => {
    await lookWith();
    handed = [];
    hub.put("talaria", {
      from: "argus",
      message: "found late",
      timestamp: naiveTime(Date.now() - 3_600_000),
    });
    await lookWith();
    expect(texts()).toEqual(["found late"]);
  });

  test("that could not read the inbox was none", async () => {
    hub.failNext(1, 502);
    expect(await look(tools)).toMatchObject({ ok: false });
    expect(seen.firstLookDone).toBe(false);
  });
});
