import type { LastTurn, ModelUsage } from "../../commands/session.ts";
import type { Sql } from "../../lib/ports.ts";
import { parsedJson } from "../../lib/schema.ts";
import { KEEP_DAYS } from "../limits.ts";
import { TurnRecord } from "../record.ts";

export const DAY_MS = 24 * 60 * 60 * 1_000;
/** The day, in UTC, of a time in Unix milliseconds: days since 1970. */
export const dayOf = (time: number): number => Math.floor(time / DAY_MS);

type Sum = Pick<ModelUsage, keyof ModelUsage> & {
  /** Days since 1970, in UTC; 0 for all that are older than the account by day. */
  readonly day: number;
};

/** Adds to the sum that is there for this day and model. */
export const ADD_TO_SUM = `ON CONFLICT (day, model) DO UPDATE SET turns = turns + excluded.turns,
  input = input + excluded.input, output = output + excluded.output, cached = cached + excluded.cached,
  reasoning = reasoning + excluded.reasoning,
  cost = iif(cost IS NULL, excluded.cost, cost + ifnull(excluded.cost, 0))`;

/** Adds the usage of the exchanges after `from` up to `to` to the daily sums. @throws if the storage fails */
export function rollUp(sql: Sql, from: number, to: number, now: number): void {
  for (const sum of sumsOf(readTurns(sql, from, to))) addSum(sql, sum);
  const before = Math.floor(now / DAY_MS) - KEEP_DAYS;
  const old = sql.all<Sum>("SELECT * FROM usage WHERE day > 0 AND day < ?", before);
  for (const sum of old) addSum(sql, { ...sum, day: 0 });
  if (old.length > 0) sql.all("DELETE FROM usage WHERE day > 0 AND day < ?", before);
}

/** Adds what was used beside turns to the daily sums. @throws if the storage fails */
export function addUsage(sql: Sql, record: TurnRecord, at: number): void {
  for (const sum of sumsOf([{ at, record }])) addSum(sql, { ...sum, turns: 0 });
}

/** Turns since then (Unix milliseconds, the beginning of a day in UTC), summed by model, the most used first. */
export function usageByModel(sql: Sql, rolledTo: number, since: number): ModelUsage[] {
  const day = Math.floor(since / DAY_MS);
  const rolled = sql.all<Sum>("SELECT * FROM usage WHERE day >= ?", day);
  const recent = sumsOf(readTurns(sql, rolledTo, Number.MAX_SAFE_INTEGER).filter(({ at }) => at >= since));
  const byModel = new Map<string, Sum>();
  for (const sum of [...rolled, ...recent]) {
    const known = byModel.get(sum.model);
    byModel.set(sum.model, known ? plus(known, sum) : sum);
  }
  return [...byModel.values()]
    .map(({ day: _, ...usage }) => usage)
    .sort((a, b) => b.turns - a.turns || (a.model < b.model ? -1 : 1));
}

/** The newest turn among the newest exchanges: which model it ended with, and whether that was a fallback. */
export function lastTurn(sql: Sql): LastTurn | null {
  const [row] = sql.all<{ usage: string }>(
    "SELECT usage FROM (SELECT seq, usage FROM exchanges ORDER BY seq DESC LIMIT 100) WHERE usage IS NOT NULL LIMIT 1",
  );
  return parsedJson(TurnRecord, row?.usage);
}

interface Turn {
  readonly at: number;
  readonly record: TurnRecord;
}

function readTurns(sql: Sql, from: number, to: number): Turn[] {
  return sql
    .all<{ at: number; usage: string }>(
      "SELECT at, usage FROM exchanges WHERE seq > ? AND seq <= ? AND usage IS NOT NULL",
      from,
      to,
    )
    .flatMap(({ at, usage }) => {
      const record = parsedJson(TurnRecord, usage);
      return record ? [{ at, record }] : [];
    });
}

/** One sum for each day and model. */
function sumsOf(turns: readonly Turn[]): Sum[] {
  const sums = new Map<string, Sum>();
  for (const { at, record } of turns) {
    const { model, usage, cost } = record;
    const one = { day: Math.floor(at / DAY_MS), model, turns: 1, cost, ...zeroed(usage) };
    const key = `${one.day} ${model}`;
    const known = sums.get(key);
    sums.set(key, known ? plus(known, one) : one);
  }
  return [...sums.values()];
}

function zeroed({ input, output, cached, reasoning }: TurnRecord["usage"]) {
  return { input: input ?? 0, output: output ?? 0, cached: cached ?? 0, reasoning: reasoning ?? 0 };
}

function plus(a: Sum, b: Sum): Sum {
  return {
    day: a.day,
    model: a.model,
    turns: a.turns + b.turns,
    input: a.input + b.input,
    output: a.output + b.output,
    cached: a.cached + b.cached,
    reasoning: a.reasoning + b.reasoning,
    cost: a.cost === null ? b.cost : a.cost + (b.cost ?? 0),
  };
}

function addSum(sql: Sql, { day, model, turns, input, output, cached, reasoning, cost }: Sum): void {
  sql.all(
    `INSERT INTO usage (day, model, turns, input, output, cached, reasoning, cost) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ${ADD_TO_SUM}`,
    day,
    model,
    turns,
    input,
    output,
    cached,
    reasoning,
    cost,
  );
}
