import type { Sql } from "../../lib/ports.ts";
import { ADD_TO_SUM, DAY_MS } from "./usage.ts";

/**
 * Moves what the first version's tables hold (`inbox`, `transcript`, `turns`) to today's, and drops them. A
 * rollback makes them anew, so that this may run more than once in a session's life.
 */
export function takeOverFirstVersion(sql: Sql, now: number): void {
  const next = `(SELECT ifnull(max(seq), 0) FROM exchanges)`;
  // Each answer with the question before it; a question alone was never answered.
  sql.all(
    `INSERT INTO exchanges (seq, state, kept, at, open_from, seen_from, tries, delivery_id, outcome, question, answer)
     SELECT ${next} + row_number() OVER (ORDER BY a.seq), 'done', 1, a.at, 0, 0, 0, 'transcript:' || a.seq, 'ok',
            q.content, a.content
     FROM transcript a JOIN transcript q ON q.seq = a.seq - 1
     WHERE a.role = 'assistant' AND q.role = 'user' ORDER BY a.seq`,
  );
  sql.all(
    `INSERT INTO exchanges (seq, state, kept, at, open_from, seen_from, tries, delivery_id, outcome, sent, message,
                            chunks, sending)
     SELECT ${next} + row_number() OVER (ORDER BY seq), iif(state = 'parked', 'done', state), 0, updated_at, 0, 0,
            tries, delivery_id, iif(state = 'waiting', NULL, outcome), sent,
            iif(state IN ('waiting', 'answered'), message, NULL),
            iif(state = 'answered', chunks, NULL), iif(state = 'answered', json_array_length(sent), NULL)
     FROM inbox ORDER BY seq`,
  );
  sql.all(
    `INSERT INTO parked (seq, at, reason, delivery_id, sent, message, chunks)
     SELECT (SELECT seq FROM exchanges e WHERE e.delivery_id = i.delivery_id ORDER BY seq DESC LIMIT 1), updated_at,
            outcome, delivery_id, sent, message, chunks
     FROM inbox i WHERE state = 'parked'`,
  );
  sql.all(
    `INSERT INTO usage (day, model, turns, input, output, cached, reasoning, cost)
     SELECT at / ${DAY_MS}, model, count(*), ifnull(sum(input), 0), ifnull(sum(output), 0), ifnull(sum(cached), 0),
            ifnull(sum(reasoning), 0), sum(cost)
     FROM turns WHERE at <= ? GROUP BY 1, 2
     ${ADD_TO_SUM}`,
    now,
  );
  for (const table of ["inbox", "transcript", "turns"]) sql.all(`DROP TABLE ${table}`);
}
