import { beforeEach, expect, test } from "vitest";
import type { Sql } from "../../../src/lib/ports.ts";
import type { InboundMessage } from "../../../src/message/message.ts";
import { MAX_PARKED } from "../../../src/sessions/limits.ts";
import { Exchanges } from "../../../src/sessions/store/exchanges.ts";
import { countParked } from "../../../src/sessions/store/parked.ts";
import { DAY_MS, usageByModel } from "../../../src/sessions/store/usage.ts";
import { memorySql } from "../../support/sql.ts";

const T0 = Date.parse("2026-11-24T00:00:00Z");
const MINUTE_MS = 60_000;

let sql: Sql;
let exchanges: Exchanges;
let nextId: number;

beforeEach(() => {
  sql = memorySql();
  exchanges = new Exchanges(sql);
  exchanges.open(T0);
  nextId = 1;
});

function message(text = "hello"): InboundMessage {
  return {
    delivery_id: `telegram:1:${nextId++}`,
    source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
    text,
    address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
    received_at: T0,
  };
}

function insert(now: number, windowFrom = Number.MAX_SAFE_INTEGER) {
  const one = message();
  return exchanges.insert(one, JSON.stringify(one), windowFrom, now);
}

const usage = (model: string) =>
  JSON.stringify({
    model,
    route: "base",
    outcome: "ok",
    attempts: null,
    fallback: false,
    tries: 1,
    usage: { input: 10, output: 2, cached: null, reasoning: null },
    first_token_ms: 1,
    total_ms: 2,
    cost: 0.5,
  });

/** A turn from its message to its delivered answer. */
function turn(now: number, windowFrom?: number): void {
  const exchange = insert(now, windowFrom);
  const said = { question: "q", answer: "a" };
  exchanges.answer(exchange, { outcome: "ok", chunks: ["a"], said, usage: usage("m") });
  exchange.sent = ["1"];
  exchanges.done(exchange, true);
}

const count = (table: string) => sql.all<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)[0]?.n;

test("a year of messages takes no more room than two days of them", () => {
  for (let at = 0; at < 365 * DAY_MS; at += 60 * MINUTE_MS) turn(T0 + at);
  expect(count("exchanges")).toBeLessThanOrEqual(50);
  expect(exchanges.knows(`telegram:1:${nextId - 1}`)).toBe(true);
  expect(exchanges.knows(`telegram:1:${nextId - 60}`)).toBe(false);
});

test("what is asked in another's place takes it once it is kept, and not before", () => {
  const keptSeqs = () =>
    sql.all<{ seq: number }>("SELECT seq FROM exchanges WHERE kept = 1").map(({ seq }) => seq);
  const replacing = (seq: number) => {
    const one = { ...message(), replaces: seq };
    return exchanges.insert(one, JSON.stringify(one), 0, T0);
  };
  const said = { question: "q", answer: "a" };
  turn(T0, 0);
  const stopped = replacing(1);
  exchanges.answer(stopped, { outcome: "stopped", chunks: ["a"], said: null, usage: null });
  exchanges.done(stopped, false);
  exchanges.park(replacing(1), "undelivered", T0);
  expect(keptSeqs()).toEqual([1]);
  const delivered = replacing(1);
  exchanges.answer(delivered, { outcome: "ok", chunks: ["a"], said, usage: null });
  expect(keptSeqs()).toEqual([1]);
  exchanges.done(delivered, true);
  expect(keptSeqs()).toEqual([4]);
  exchanges.close(replacing(4), { outcome: "ok", said, usage: null });
  expect(keptSeqs()).toEqual([5]);
});

test("what turns still send is not reused, however old it is", () => {
  for (let n = 0; n < 10; n++) turn(T0 + n);
  for (let n = 0; n < 20; n++) turn(T0 + 10 * DAY_MS + n, 5);
  const kept = sql.all<{ seq: number }>("SELECT seq FROM exchanges WHERE seq < 11 ORDER BY seq");
  expect(kept.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
});

test("no turn is lost from the accounts, and none is counted twice, as rows are reused", () => {
  const turns = 5_000;
  for (let n = 0; n < turns; n++) turn(T0 + n * 60 * MINUTE_MS);
  const now = T0 + turns * 60 * MINUTE_MS;
  const reopened = new Exchanges(sql);
  reopened.open(now);
  const [all] = usageByModel(sql, reopened.rolledTo, 0);
  expect(all).toMatchObject({ model: "m", turns, input: 10 * turns, output: 2 * turns });
  expect(all?.cost).toBeCloseTo(turns / 2);
  const today = Math.floor((now - 1) / DAY_MS) * DAY_MS;
  const inToday = Math.ceil((now - today) / (60 * MINUTE_MS));
  expect(usageByModel(sql, reopened.rolledTo, today)[0]?.turns).toBe(inToday);
});

test("after ten years the daily sums are no more than some hundred rows", () => {
  for (let day = 0; day < 3_650; day++) turn(T0 + day * DAY_MS);
  expect(count("usage")).toBeLessThan(520);
  expect(usageByModel(sql, exchanges.rolledTo, 0)[0]?.turns).toBe(3_650);
});

test("an object that starts anew finds what is not finished, and the ids that it must know", () => {
  for (let n = 0; n < 30; n++) turn(T0 + n);
  const open = [insert(T0 + 40), insert(T0 + 41)];
  turn(T0 + 42);
  const again = new Exchanges(sql);
  expect(again.open(T0 + 50).map(({ seq }) => seq)).toEqual(open.map(({ seq }) => seq));
  expect(again.knows("telegram:1:33")).toBe(true);
  expect(again.knows("telegram:1:34")).toBe(false);
});

test("parked messages are kept, the newest hundred of them, and hold nothing else back", () => {
  for (let n = 0; n < MAX_PARKED + 20; n++) {
    const exchange = insert(T0 + n * MINUTE_MS);
    exchanges.park(exchange, "undelivered", T0 + n * MINUTE_MS);
  }
  expect(countParked(sql, 0)).toBe(MAX_PARKED);
  for (let n = 0; n < 300; n++) turn(T0 + 3 * DAY_MS + n * MINUTE_MS);
  expect(countParked(sql, 0)).toBe(MAX_PARKED);
  expect(count("exchanges")).toBeLessThanOrEqual(300);
  exchanges.park(insert(T0 + 60 * DAY_MS), "crashed", T0 + 60 * DAY_MS);
  expect(countParked(sql, 0)).toBe(1);
});

test("an answer is stored with its first chunk in hand, and an object that starts anew knows that", () => {
  const exchange = insert(T0);
  exchanges.answer(exchange, { outcome: "ok", chunks: ["one", "two"], said: null, usage: null });
  const reopen = () => new Exchanges(sql).open(T0 + 1)[0];
  expect(reopen()).toMatchObject({ state: "answered", sent: [], uncertain: true });
  exchanges.sent(exchange, ["7"]);
  expect(reopen()).toMatchObject({ sent: ["7"], uncertain: true });
  exchanges.hold(exchange, {
    sending: false,
    sends: { failures: 1, uncertain: 0, waits: 0 },
    wake_at: T0 + 9,
  });
  expect(reopen()).toMatchObject({ uncertain: false, sends: { failures: 1 }, wake_at: T0 + 9 });
});
