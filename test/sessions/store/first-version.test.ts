import { expect, test } from "vitest";
import { History } from "../../../src/sessions/history.ts";
import { Exchanges } from "../../../src/sessions/store/exchanges.ts";
import { countParked } from "../../../src/sessions/store/parked.ts";
import { usageByModel } from "../../../src/sessions/store/usage.ts";
import { memorySql } from "../../support/sql.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");

/** A session's storage as the first version left it. */
function firstVersion() {
  const sql = memorySql();
  sql.all(`CREATE TABLE inbox (seq INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    tries INTEGER NOT NULL, message TEXT, chunks TEXT, sent TEXT NOT NULL DEFAULT '[]',
    outcome TEXT NOT NULL DEFAULT 'ok', updated_at INTEGER NOT NULL)`);
  sql.all(
    "CREATE TABLE transcript (seq INTEGER PRIMARY KEY, role TEXT, content TEXT, tokens INTEGER, at INTEGER)",
  );
  sql.all("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  sql.all(`CREATE TABLE turns (at INTEGER, model TEXT, route TEXT, outcome TEXT, attempts TEXT, fallback INTEGER,
    tries INTEGER, input INTEGER, output INTEGER, cached INTEGER, reasoning INTEGER, first_token_ms INTEGER,
    total_ms INTEGER, cost REAL)`);
  const message = (n: number, text: string) =>
    JSON.stringify({
      delivery_id: `telegram:1:${n}`,
      source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
      text,
      address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
      received_at: NOW - 5_000,
    });
  const put = (n: number, state: string, text: string | null, chunks: string | null = null, sent = "[]") =>
    sql.all(
      "INSERT INTO inbox VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)",
      n,
      `telegram:1:${n}`,
      state,
      text === null ? null : message(n, text),
      chunks,
      sent,
      state === "parked" ? "undelivered" : "ok",
      NOW - 10_000 + n,
    );
  put(1, "done", null, null, '["11"]');
  put(2, "parked", "lost");
  put(3, "answered", "three", '["a","b"]', '["31"]');
  put(4, "waiting", "four");
  for (const [seq, role, content] of [
    [1, "user", "hello"],
    [2, "assistant", "hi"],
  ] as const) {
    sql.all("INSERT INTO transcript VALUES (?, ?, ?, 5, ?)", seq, role, content, NOW - 20_000);
  }
  for (let n = 0; n < 3; n++)
    sql.all(
      "INSERT INTO turns VALUES (?, 'm', 'base', 'ok', NULL, 0, 1, 7, 3, NULL, NULL, 1, 2, 0.25)",
      NOW - n,
    );
  sql.all("INSERT INTO meta VALUES ('override', '{}')");
  return sql;
}

test("an upgrade goes on with what the first version left: work, memory, accounts", () => {
  const sql = firstVersion();
  const exchanges = new Exchanges(sql);
  const open = exchanges.open(NOW);
  expect(open.map(({ message, state, sent, chunks }) => [message.text, state, sent, chunks])).toEqual([
    ["three", "answered", ["31"], ["a", "b"]],
    ["four", "waiting", [], []],
  ]);
  for (const n of [1, 2, 3, 4]) expect(exchanges.knows(`telegram:1:${n}`)).toBe(true);
  expect(countParked(sql, 0)).toBe(1);
  expect(new History(sql, 1_000).before("next").map(({ content }) => content)).toEqual(["hello", "hi"]);
  expect(usageByModel(sql, exchanges.rolledTo, 0)).toMatchObject([
    { model: "m", turns: 3, input: 21, cost: 0.75 },
  ]);
});

test("it happens once, and again after a rollback, without counting anything twice", () => {
  const sql = firstVersion();
  new Exchanges(sql).open(NOW);
  const again = new Exchanges(sql);
  again.open(NOW);
  expect(usageByModel(sql, again.rolledTo, 0)[0]?.turns).toBe(3);
  // The first version makes its tables anew where they are missing.
  for (const { name, sql: made } of firstVersion().all<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name <> 'meta'",
  )) {
    expect(name).toMatch(/^(inbox|transcript|turns)$/);
    sql.all(made);
  }
  sql.all("INSERT INTO turns VALUES (?, 'm', 'base', 'ok', NULL, 0, 1, 7, 3, NULL, NULL, 1, 2, NULL)", NOW);
  const upgraded = new Exchanges(sql);
  upgraded.open(NOW);
  expect(usageByModel(sql, upgraded.rolledTo, 0)).toMatchObject([{ turns: 4, input: 28, cost: 0.75 }]);
});
