import { describe, expect, test, vi } from "vitest";
import { naiveTime } from "../../../tools/doubles/hub-store.ts";
import { fixture, routesWith } from "./setup.ts";
import { useStage } from "./stage.ts";

const stage = useStage();
const MINUTE_MS = 60_000;
const fresh = (name: string) => ({ ...fixture(name), timestamp: naiveTime() });

describe("a message", () => {
  test("is handed over, and marked read only afterwards", async () => {
    await stage().say("argus", "hello");
    const [, message] = stage().hub.inbox("talaria");
    stage().accept = async () => {
      const ids = stage()
        .unread()
        .map(({ id }) => id);
      expect(ids).toContain(message?.id);
      return "accepted";
    };
    await stage().sweep();
    expect(stage().handed).toMatchObject([
      {
        delivery_id: `hub:talaria:${message?.id}`,
        text: "hello",
        address: { peer: "argus", asked_at: expect.any(Number) },
        source: {
          platform: "hub",
          chat_type: "dm",
          chat_id: "hub:argus",
          user_id: "argus",
          priority: "normal",
          verified: true,
        },
      },
    ]);
    expect(stage().unread()).toEqual([]);
  });

  test("of an unregistered name is marked read and not answered, whatever the name", async () => {
    for (const from of ["hub-system", "stranger", "../agents/argus", "argus/message"])
      await stage().say(from, "psst");
    await stage().sweep();
    expect(stage().handed).toEqual([]);
    expect(stage().unread()).toEqual([]);
    expect(stage().asked().join()).not.toContain("..");
    expect(stage().logged.join()).toContain('"reason":"unverified"');
    expect(stage().logged.join()).not.toContain("psst");
  });

  test("that came before its name was registered is not the registered agent's", async () => {
    stage().put("imp", "I am imp", MINUTE_MS);
    await stage().hub.register("imp");
    await stage().sweep();
    expect(stage().handed).toEqual([]);
    stage().pass(1);
    await stage().say("imp", "and now?");
    await stage().sweep();
    expect(stage().texts()).toEqual(["and now?"]);
  });

  test("of a name that is registered after a first try is answered at the next look", async () => {
    await stage().say("newcomer", "psst");
    await stage().sweep();
    stage().pass(1);
    await stage().hub.register("newcomer");
    await stage().say("newcomer", "hello");
    await stage().sweep();
    expect(stage().texts()).toEqual(["hello"]);
  });

  test("is refused where the routes answer no peers", async () => {
    await stage().say("argus", "hello");
    const access = { ...routesWith().access, hub_peers: "ignore" } as const;
    stage().restart({ routes: routesWith({ access }) });
    await stage().sweep();
    expect(stage().handed).toEqual([]);
    expect(stage().unread()).toEqual([]);
  });
});

describe("what is no message", () => {
  test("is marked read and starts nothing", async () => {
    stage().hub.put("talaria", fresh("broadcast"));
    stage().hub.put("talaria", { ...fresh("settlement-webhook"), id: undefined });
    await stage().hub.announce("argus", "https://argus.example/health");
    await stage().hub.send({ from: "talaria", to: "talaria", message: "note to self" });
    await stage().sweep();
    expect(stage().handed).toEqual([]);
    expect(stage().unread()).toEqual([]);
  });

  test("and cannot be marked is told of once, however long it stays", async () => {
    stage().hub.put("talaria", { ...fresh("settlement-webhook"), id: undefined });
    stage().accept = async () => "full";
    await stage().say("argus", "waits");
    await stage().until(() => stage().asked().length > 20);
    expect(stage().unread()).toMatchObject([{ type: "settlement_webhook" }, { message: "waits" }]);
    expect(stage().logged.filter((line) => line.includes('"reason":"system"'))).toHaveLength(1);
  });
});

describe("order", () => {
  test("each peer's messages stay in order, and a slow peer does not hold up another", async () => {
    for (const text of ["one", "two", "three"]) await stage().say("argus", text);
    for (const text of ["un", "deux"]) await stage().say("brisk", text);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    stage().accept = async ({ text }) => {
      if (text === "one") await held;
      return "accepted";
    };
    const running = stage().sweep();
    await vi.waitFor(() => expect(stage().texts()).toEqual(["un", "deux"]));
    release();
    await running;
    expect(stage().texts()).toEqual(["un", "deux", "one", "two", "three"]);
  });

  test.each(["fails", "is full"])(
    "a session that %s leaves its peer's messages unread, in order, until it takes them",
    async (how) => {
      for (const text of ["one", "two"]) await stage().say("argus", text);
      await stage().say("brisk", "un");
      let open = false;
      stage().accept = async ({ text }) => {
        if (open || text === "un") return "accepted";
        if (how === "fails") throw new Error("storage is full");
        return "full";
      };
      await stage().sweep();
      expect(
        stage()
          .unread()
          .map(({ message }) => message),
      ).toEqual(["one", "two"]);
      open = true;
      expect(await stage().until(() => stage().handed.length === 3)).toBeLessThanOrEqual(MINUTE_MS);
      expect(stage().texts()).toEqual(["un", "one", "two"]);
      expect(stage().unread()).toEqual([]);
    },
  );

  test("a sender that Hub cannot name right now is asked for again, and nothing is lost", async () => {
    await stage().say("argus", "hello");
    stage().hub.failNext(3, 502, { only: /^GET \/agents\/argus$/ });
    expect(await stage().until(() => stage().handed.length === 1)).toBeLessThan(MINUTE_MS);
    expect(stage().texts()).toEqual(["hello"]);
  });
});

describe("a hint", () => {
  test("makes a look now; of a flood of them one more, after a pause", async () => {
    for (let i = 0; i < 50; i++) void stage().hint();
    await stage().sweep();
    const looks = () =>
      stage()
        .asked()
        .filter((line) => line.includes("unread=true&mark_read=false")).length;
    expect(looks()).toBe(1);
    for (let i = 0; i < 50; i++) await stage().hint();
    expect(looks()).toBe(1);
    expect(await stage().ring()).toBe(true);
    expect(looks()).toBe(2);
    expect(await stage().ring()).toBe(false);
  });
});

describe("the very first look", () => {
  test("answers only what is younger than ten minutes, and counts the rest in one line", async () => {
    stage().put("argus", "last week", 11 * MINUTE_MS);
    stage().hub.put("talaria", { from: "argus", message: "undated", timestamp: "some time ago" });
    stage().put("argus", "just now", 9 * MINUTE_MS);
    await stage().sweep();
    expect(stage().logged.filter((line) => line.includes("hub_first_look"))).toEqual([
      '{"level":"info","event":"hub_first_look","unread":4,"too_old":2}',
    ]);
    expect(stage().logged.join()).not.toContain("last week");
    expect(stage().unread()).toEqual([]);
    expect(stage().texts()).toEqual(["just now"]);
  });

  test("happens once: what comes after it is answered, however late it is found", async () => {
    await stage().sweep();
    await stage().say("argus", "found late");
    stage().pass(3 * 24 * 60 * MINUTE_MS);
    stage().restart();
    await stage().sweep();
    expect(stage().texts()).toEqual(["found late"]);
  });

  test("stays in force for what could not be marked read", async () => {
    stage().put("argus", "last week", 11 * MINUTE_MS);
    stage().hub.put("talaria", { from: "argus", message: "undated", timestamp: "some time ago" });
    stage().hub.failNext(9, 502, { only: /\/read$/ });
    stage().accept = async () => "full";
    await stage().say("brisk", "waits");
    await stage().sweep();
    expect(stage().unread().length).toBeGreaterThan(2);
    stage().restart();
    await stage().sweep();
    expect(stage().texts()).toEqual([]);
  });

  test("that could not read the inbox was none", async () => {
    stage().put("argus", "just now", 9 * MINUTE_MS);
    stage().hub.failNext(1, 502);
    await stage().sweep();
    stage().pass(9 * MINUTE_MS);
    await stage().sweep();
    expect(stage().logged.filter((line) => line.includes("hub_first_look"))).toEqual([
      '{"level":"info","event":"hub_first_look","unread":2,"too_old":1}',
    ]);
  });

  test("is over in an object of version 0.1", async () => {
    stage().sql.all("DROP TABLE hub_meta");
    stage().restart();
    stage().put("argus", "from before the deploy", 11 * MINUTE_MS);
    await stage().sweep();
    expect(stage().texts()).toEqual(["from before the deploy"]);
  });
});

test("a name is asked for once in five minutes", async () => {
  for (const text of ["one", "two"]) {
    await stage().say("argus", text);
    await stage().sweep();
  }
  expect(
    stage()
      .asked()
      .filter((line) => line === "GET /agents/argus"),
  ).toHaveLength(1);
  expect(stage().handed).toHaveLength(2);
});

test("many messages of one peer are worked off without another hint, and do not keep others waiting", async () => {
  for (let i = 0; i < 90; i++) stage().put("argus", `${i}`);
  await stage().say("brisk", "me too");
  await stage().hint();
  expect(stage().texts()).toContain("me too");
  expect(await stage().until(() => stage().handed.length === 91)).toBeLessThan(10_000);
  const argus = stage().handed.filter(({ address }) => address.peer === "argus");
  expect(argus.map(({ text }) => text)).toEqual(Array.from({ length: 90 }, (_, i) => `${i}`));
  expect(stage().unread()).toEqual([]);
  expect(stage().alarm_at).toBe(null);
});
