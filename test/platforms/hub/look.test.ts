import { describe, expect, test, vi } from "vitest";
import type { InboundMessage } from "../../../src/message/message.ts";
import { naiveTime } from "../../../tools/doubles/hub-store.ts";
import { fixture, routesWith } from "./setup.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

describe("a message", () => {
  test("is handed over, and marked read only afterwards", async () => {
    await stage().say("argus", "hello");
    const [, message] = stage().hub.inbox("talaria");
    await stage().look({
      handOver: async (inbound) => {
        expect(
          stage()
            .unread()
            .map(({ id }) => id),
        ).toContain(message?.id);
        stage().handed.push(inbound);
      },
    });
    expect(stage().handed).toMatchObject([
      {
        delivery_id: `hub:talaria:${message?.id}`,
        text: "hello",
        address: { peer: "argus" },
        source: { platform: "hub", chat_type: "dm", chat_id: "hub:argus", user_id: "argus", verified: true },
      },
    ]);
    expect(stage().unread()).toEqual([]);
  });

  test("of an unregistered name is marked read and not answered, whatever the name", async () => {
    for (const from of ["hub-system", "stranger", "../agents/argus", "argus/message"])
      await stage().say(from, "psst");
    const report = await stage().look();
    expect(report).toMatchObject({ accepted: 0, refused: 3 });
    expect(stage().handed).toEqual([]);
    expect(stage().unread()).toEqual([]);
    expect(
      stage()
        .hub.requests.map(({ path }) => path)
        .filter((path) => path.includes("..")),
    ).toEqual([]);
    expect(stage().logged.join()).toContain('"reason":"unverified"');
    expect(stage().logged.join()).not.toContain("psst");
  });

  test("that came before its name was registered is not the registered agent's", async () => {
    await stage().say("imp", "I am imp");
    stage().hub.put("talaria", {
      id: "early",
      from: "imp",
      message: "old",
      timestamp: naiveTime(Date.now() - 60_000),
    });
    await stage().hub.register("imp");
    await stage().look();
    expect(stage().handed).toEqual([]);
  });

  test("is refused where the routes answer no peers", async () => {
    await stage().say("argus", "hello");
    const access = { ...routesWith().access, hub_peers: "ignore" } as const;
    expect(await stage().look({ routes: routesWith({ access }) })).toMatchObject({ refused: 1 });
    expect(stage().handed).toEqual([]);
    expect(stage().unread()).toEqual([]);
  });
});

test("what is no message is marked read and starts nothing; without an id it is dealt with once", async () => {
  stage().hub.put("talaria", fixture("broadcast"));
  stage().hub.put("talaria", { ...fixture("settlement-webhook"), id: undefined });
  await stage().hub.send({ from: "talaria", to: "talaria", message: "note to self" });
  expect(await stage().look()).toMatchObject({ unread: 4, uninteresting: 4, accepted: 0 });
  expect(stage().unread()).toMatchObject([{ type: "settlement_webhook" }]);
  expect(await stage().look()).toMatchObject({ unread: 1, uninteresting: 0 });
  expect(stage().handed).toEqual([]);
});

describe("order", () => {
  test("each peer's messages stay in order, and a slow peer does not hold up another", async () => {
    for (const text of ["one", "two", "three"]) await stage().say("argus", text);
    for (const text of ["un", "deux"]) await stage().say("brisk", text);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const running = stage().look({
      handOver: async (message) => {
        if (message.text === "one") await held;
        stage().handed.push(message);
      },
    });
    await vi.waitFor(() => expect(stage().texts()).toEqual(["un", "deux"]));
    release();
    await running;
    expect(stage().texts()).toEqual(["un", "deux", "one", "two", "three"]);
  });

  test("a session that fails leaves its peer's messages unread, in order, for the next look", async () => {
    for (const text of ["one", "two"]) await stage().say("argus", text);
    await stage().say("brisk", "un");
    const failing = async (message: InboundMessage) => {
      if (message.text === "one") throw new Error("storage is full");
      stage().handed.push(message);
    };
    expect(await stage().look({ handOver: failing })).toMatchObject({ accepted: 1, left: 2, more: false });
    expect(
      stage()
        .unread()
        .map(({ message }) => message),
    ).toEqual(["one", "two"]);
    await stage().look();
    expect(stage().texts()).toEqual(["un", "one", "two"]);
    expect(stage().unread()).toEqual([]);
  });

  test("a sender that Hub cannot name right now waits for the next look", async () => {
    await stage().say("argus", "hello");
    stage().hub.failNext(1, 502, { only: /^GET \/agents\/argus$/ });
    expect(await stage().look()).toMatchObject({ left: 1, accepted: 0 });
    await stage().look();
    expect(stage().texts()).toEqual(["hello"]);
  });
});

describe("once", () => {
  test("a message that cannot be marked read is handed over once, and marked later", async () => {
    for (const text of ["one", "two"]) await stage().say("argus", text);
    stage().hub.failNext(1, 502, { only: /\/read$/ });
    await stage().look();
    // After the first failure the others are not tried: one request, and all of them remembered.
    expect(stage().hub.requests.filter(({ path }) => path.endsWith("/read"))).toHaveLength(1);
    expect(stage().unread()).toHaveLength(3);
    await stage().look();
    expect(stage().texts()).toEqual(["one", "two"]);
    expect(stage().unread()).toEqual([]);
    await stage().look();
    expect(stage().seen.ids.size).toBe(0);
  });

  test("who registers after a first try is answered soon", async () => {
    await stage().say("newcomer", "psst");
    await stage().look();
    await stage().hub.register("newcomer");
    await stage().say("newcomer", "hello");
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 3_000);
    await stage().look();
    expect(stage().texts()).toEqual(["hello"]);
  });

  test("a name is asked for once in five minutes", async () => {
    await stage().say("argus", "one");
    await stage().look();
    await stage().say("argus", "two");
    await stage().look();
    expect(stage().hub.requests.filter(({ path }) => path === "/agents/argus")).toHaveLength(1);
  });
});

describe("many", () => {
  test("a flood is worked off in shares, and does not keep others waiting", async () => {
    for (let i = 0; i < 30; i++) await stage().say("argus", `${i}`);
    await stage().say("brisk", "me too");
    expect(await stage().look()).toMatchObject({ accepted: 19, uninteresting: 1, more: true });
    expect(stage().texts()).toContain("me too");
    expect(await stage().look()).toMatchObject({ accepted: 12, more: false });
    expect(stage().unread()).toEqual([]);
  });

  test("when nothing gets on, nothing is tried again at once", async () => {
    for (let i = 0; i < 30; i++) await stage().say("argus", `${i}`);
    await stage().look({ handOver: () => Promise.reject(new Error("down")) });
    expect(await stage().look({ handOver: () => Promise.reject(new Error("down")) })).toMatchObject({
      left: 20,
      more: false,
    });
  });
});
