import { expect, test, vi } from "vitest";
import { MONTH_MS, useStage } from "./stage.ts";

/** A registered peer that is not part of the attack is answered within this, whatever goes on. */
const WITHIN_MS = 60_000;
// Long lists take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });
const stage = useStage();
const LONG = "x".repeat(256 * 1024);

const argusIsAnswered = () => stage().handed.some(({ address }) => address.peer === "argus");
const registered = async (names: readonly string[]) => {
  for (const name of names) await stage().hub.register(name, { registered_at: Date.now() - MONTH_MS });
};
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

/** Lets the attack go on at every look, and says after how long the peer was answered. */
async function answeredAfter(attack: () => void, question = "hello"): Promise<number> {
  attack();
  stage().put("argus", question);
  const ms = await stage().until(() => {
    if (argusIsAnswered()) return true;
    attack();
    return false;
  });
  console.log(`answered after ${ms} ms`);
  return ms;
}

test("70 messages of 256 KB from free names: the list is over 16 MB, and a peer is answered", async () => {
  for (const name of names("free", 70)) stage().put(name, LONG);
  expect(await answeredAfter(() => {})).toBeLessThanOrEqual(WITHIN_MS);
  expect(stage().unread()).toEqual([]);
});

test("a message of 20 MB is passed over and marked read", async () => {
  stage().put("argus", "x".repeat(20 * 1024 * 1024));
  expect(await answeredAfter(() => {})).toBeLessThanOrEqual(WITHIN_MS);
  expect(stage().texts()).toEqual(["hello"]);
  expect(stage().unread()).toEqual([]);
});

test("600 free names, and 600 more at every look, do not keep a peer waiting", async () => {
  let round = 0;
  const attack = () => {
    round++;
    for (const name of names(`free-${round}`, 600)) stage().put(name, "psst");
  };
  expect(await answeredAfter(attack)).toBeLessThanOrEqual(WITHIN_MS);
  const looks = stage()
    .asked()
    .filter((line) => line.includes("mark_read=false")).length;
  expect(stage().asked().length).toBeLessThanOrEqual(5 * looks);
});

test("free names with long texts ahead of a peer leave room for the peer's", async () => {
  const attack = () => {
    for (const name of names("free", 40)) stage().put(name, LONG);
  };
  expect(await answeredAfter(attack)).toBeLessThanOrEqual(WITHIN_MS);
});

test("free names are looked up one by one where the directory cannot be read", async () => {
  for (const name of names("free", 100)) stage().put(name, "psst");
  stage().hub.failNext(1_000, 404, { only: /^GET \/agents$/ });
  expect(await answeredAfter(() => {})).toBeLessThanOrEqual(WITHIN_MS);
});

test("a directory that is empty by mistake makes nobody unregistered", async () => {
  await registered(names("peer", 20));
  for (const name of names("peer", 20)) stage().put(name, "hi");
  const { client } = stage();
  stage().restart({
    hub: { ...client, directory: async () => ({ ok: true, value: { end: "whole", bytes: 13 } }) },
  });
  expect(await answeredAfter(() => {})).toBeLessThanOrEqual(WITHIN_MS);
  await stage().until(() => stage().handed.length === 21);
});

test("twenty senders that cannot be looked up take no places", async () => {
  const fat = names("fat", 20);
  await registered(fat);
  stage().hub.failNext(100_000, 500, { only: /^GET \/agents\/fat-|^GET \/agents$/ });
  const attack = () => {
    for (const name of fat) stage().put(name, "hi");
  };
  expect(await answeredAfter(attack)).toBeLessThanOrEqual(WITHIN_MS);
  const { length: before } = stage().asked();
  await stage()
    .until(() => false, 60 * 60_000)
    .catch(() => {});
  // An hour later they are still tried, ever more seldom: nothing rings in vain.
  expect(stage().asked().length - before).toBeLessThan(60 * 20);
});

test("a sender that could not be looked up for three days is given up", async () => {
  await registered(["fat"]);
  await stage().sweep();
  stage().put("fat", "hi");
  stage().hub.failNext(100_000, 500, { only: /^GET \/agents\/fat/ });
  await stage().sweep();
  expect(stage().unread()).toHaveLength(1);
  stage().pass(3 * 24 * 60 * 60_000 + 1);
  await stage().sweep();
  expect(stage().unread()).toEqual([]);
  expect(stage().handed).toEqual([]);
});

test("one peer with long messages, and a session that takes no more, do not keep another waiting", async () => {
  await registered(["flood"]);
  stage().accept = async ({ address }) => (address.peer === "flood" ? "full" : "accepted");
  const attack = () => {
    for (let i = 0; i < 10; i++) stage().put("flood", LONG);
  };
  expect(await answeredAfter(attack)).toBeLessThanOrEqual(WITHIN_MS);
  stage().accept = async () => "accepted";
  await stage().until(() => stage().unread().length === 0);
  expect(
    stage()
      .texts()
      .filter((text) => text === LONG),
  ).not.toEqual([]);
});

test("a hundred registered agents with long messages at every look do not keep a peer waiting", async () => {
  const flood = names("flood", 100);
  await registered(flood);
  const long = LONG.slice(0, 64 * 1024);
  const attack = () => {
    stage().pass(1);
    for (const name of flood) stage().put(name, long);
  };
  expect(await answeredAfter(attack, long)).toBeLessThanOrEqual(WITHIN_MS);
  expect(stage().handed.length).toBeGreaterThan(50);
});

test("however much there is, a look makes at most forty requests, hand-overs among them", async () => {
  const flood = names("flood", 60);
  await registered(flood);
  for (const name of [...flood, ...names("free", 100)]) stage().put(name, "hi");
  for (let looks = 0; stage().handed.length < 60; looks++) {
    const before = stage().asked().length + stage().handed.length;
    await (looks === 0 ? stage().sweep() : stage().ring());
    expect(stage().asked().length + stage().handed.length - before).toBeLessThanOrEqual(40);
  }
});
