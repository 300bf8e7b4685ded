import type { LastTurn, ModelUsage } from "../commands/session.ts";
import type { Usage } from "../inference/types.ts";
import type { Price } from "../routing/types.ts";

/** What one turn used, for `/usage`. */
export interface TurnRecord {
  /** The model that answered, or was asked first where none did. */
  readonly model: string;
  readonly route: string;
  /** `ok`, `stopped`, or why there was no answer. */
  readonly outcome: string;
  /** Every bundle that was tried and what came of it; null where the first answered at once. */
  readonly attempts: string | null;
  readonly fallback: boolean;
  /** Requests sent, to all endpoints together. */
  readonly tries: number;
  readonly usage: Usage;
  readonly first_token_ms: number | null;
  readonly total_ms: number;
  /** In the currency of `prices:`; null where there is no price for this model. */
  readonly cost: number | null;
}

/** What a turn costs at this price (per million tokens); null without a price. Unknown counts are none. */
export function costOf(usage: Usage, price: Price | undefined): number | null {
  if (!price) return null;
  const cached = usage.cached ?? 0;
  const fresh = Math.max(0, (usage.input ?? 0) - cached);
  return (
    (fresh * price.input + cached * (price.cached ?? price.input) + (usage.output ?? 0) * price.output) / 1e6
  );
}

/** The session's accounts: one row a turn, written with the turn's answer. */
export class Ledger {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS turns (
        at INTEGER NOT NULL,
        model TEXT NOT NULL,
        route TEXT NOT NULL,
        outcome TEXT NOT NULL,
        attempts TEXT,
        fallback INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        input INTEGER,
        output INTEGER,
        cached INTEGER,
        reasoning INTEGER,
        first_token_ms INTEGER,
        total_ms INTEGER NOT NULL,
        cost REAL
      )`);
  }

  record(turn: TurnRecord, now: number): void {
    this.#sql.exec(
      "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      now,
      turn.model,
      turn.route,
      turn.outcome,
      turn.attempts,
      turn.fallback ? 1 : 0,
      turn.tries,
      turn.usage.input,
      turn.usage.output,
      turn.usage.cached,
      turn.usage.reasoning,
      turn.first_token_ms,
      turn.total_ms,
      turn.cost,
    );
  }

  /** Turns since then (Unix milliseconds), summed by model, the most used first. */
  byModel(since: number): ModelUsage[] {
    return this.#sql
      .exec<{
        model: string;
        turns: number;
        input: number;
        output: number;
        cached: number;
        reasoning: number;
        cost: number | null;
      }>(
        `SELECT model, count(*) AS turns, total(input) AS input, total(output) AS output, total(cached) AS cached,
                total(reasoning) AS reasoning, sum(cost) AS cost
         FROM turns WHERE at >= ? GROUP BY model ORDER BY turns DESC, model`,
        since,
      )
      .toArray();
  }

  /** The newest turn: which model it ended with, and whether that was a fallback; null before the first. */
  last(): LastTurn | null {
    const found = this.#sql
      .exec<{ model: string; outcome: string; attempts: string | null; fallback: number }>(
        "SELECT model, outcome, attempts, fallback FROM turns ORDER BY rowid DESC LIMIT 1",
      )
      .next();
    return found.done ? null : { ...found.value, fallback: found.value.fallback === 1 };
  }
}
