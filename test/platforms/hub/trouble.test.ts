import { describe, expect, test } from "vitest";
import { useStage } from "./stage.ts";

const stage = useStage();
const MINUTE_MS = 60_000;

const told = (event: string) =>
  stage()
    .logged.map((line) => JSON.parse(line))
    .filter((line) => line.event === event);
/** Lets this much time pass, with alarms and a sweep every minute. */
const pass = (ms: number) =>
  stage()
    .until(() => false, ms)
    .catch(() => {});

describe("an inbox that cannot be read", () => {
  test("is said once, with what to do, however long it lasts, and again only when it fails anew", async () => {
    stage().hub.corrupt("talaria");
    await pass(12 * 60 * MINUTE_MS);
    const [first, broken, ...more] = told("hub_look_failed");
    expect(first).toMatchObject({ level: "warn", status: 500 });
    expect(broken).toMatchObject({ level: "error", status: 500, help: expect.stringContaining("DELETE") });
    expect(more).toEqual([]);
    stage().restart();
    await pass(60 * MINUTE_MS);
    expect(told("hub_look_failed")).toHaveLength(2);

    stage().hub.clear("talaria");
    await pass(2 * MINUTE_MS);
    expect(told("hub_look_works_again")).toHaveLength(1);
    await stage().say("argus", "hello");
    await stage().sweep();
    expect(stage().texts()).toEqual(["hello"]);

    stage().hub.corrupt("talaria");
    await pass(5 * MINUTE_MS);
    expect(told("hub_look_failed")).toHaveLength(4);
  });

  test("is not called broken for a Hub that fails for a moment", async () => {
    stage().hub.failNext(3, 500);
    await pass(5 * MINUTE_MS);
    expect(told("hub_look_failed")).toMatchObject([{ level: "warn" }]);
    expect(told("hub_look_works_again")).toHaveLength(1);
  });

  test("for a wrong secret says so", async () => {
    stage().hub.failNext(1_000, 403);
    await pass(30 * MINUTE_MS);
    expect(told("hub_look_failed")).toMatchObject([
      { level: "error", help: expect.stringContaining("HUB_AGENT_SECRET") },
    ]);
  });

  test("is tried again soon at first, then by the sweeps alone", async () => {
    stage().hub.failNext(1_000_000, 502);
    await pass(MINUTE_MS);
    expect(stage().asked().length).toBeGreaterThanOrEqual(5);
    await pass(5 * MINUTE_MS);
    const before = stage().asked().length;
    await pass(10 * MINUTE_MS);
    expect(stage().asked().length - before).toBeLessThanOrEqual(12);
    expect(stage().alarm_at).toBe(null);
  });

  test("is tried again when Hub says that it may be", async () => {
    const { client } = stage();
    let asked = 0;
    stage().restart({
      hub: {
        ...client,
        list: async () => {
          asked++;
          return { ok: false, error: { reason: "refused", status: 429, retry_after_ms: 45_000 } };
        },
      },
    });
    await stage().sweep();
    expect(asked).toBe(1);
    expect((stage().alarm_at ?? 0) - Date.now()).toBe(45_000);
  });

  test("in part gives what it gives, and counts the rest as left", async () => {
    const { client } = stage();
    await stage().say("argus", "hello");
    stage().restart({
      hub: {
        ...client,
        list: async (which, take) => {
          const read = await client.list(which, take);
          return read.ok ? { ok: true, value: { ...read.value, end: "broken" } } : read;
        },
      },
    });
    await stage().sweep();
    expect(stage().texts()).toEqual(["hello"]);
    expect(stage().unread()).toEqual([]);
  });
});

test("what the runtime will not send is left to the next sweep, and is not tried in vain", async () => {
  const { client } = stage();
  let tries = 0;
  const lookUp = async () => {
    tries++;
    return { ok: false, error: { reason: "not_sent" } } as const;
  };
  stage().restart({ hub: { ...client, lookUp } });
  await stage().say("argus", "hello");
  await pass(5 * MINUTE_MS);
  expect(tries).toBeLessThanOrEqual(8);
  stage().restart({ hub: client });
  await stage().sweep();
  expect(stage().texts()).toEqual(["hello"]);
});

test("an address that may not be called is said once, and nothing is sent or set", async () => {
  const other = stage().with({ HUB_BASE_URL: "http://hub.example/oc/brain" });
  await other.sweep();
  await other.hint();
  await other.sweep();
  expect(told("hub_look_failed")).toMatchObject([
    { level: "error", help: expect.stringContaining("HUB_BASE_URL") },
  ]);
  expect(other.alarm_at).toBe(null);
});

test("while nothing happens, an hour is sixty reads of the inbox and nothing else", async () => {
  await stage().sweep();
  const before = stage().hub.requests.length;
  await pass(60 * MINUTE_MS);
  expect(new Set(stage().asked(before))).toEqual(
    new Set(["GET /agents/talaria/messages?unread=true&mark_read=false"]),
  );
  expect(stage().asked(before).length).toBeLessThanOrEqual(62);
  expect(stage().alarm_at).toBe(null);
});
