import type { KeptControls } from "../commands/session.ts";
import { parsedJson } from "../lib/schema.ts";
import { InboundMessage } from "../message/message.ts";
import type { Lane } from "./lane.ts";
import { MAX_EXPORT_BYTES } from "./limits.ts";
import type { Feature, SessionState } from "./state.ts";
import { readParked } from "./store/parked.ts";
import { deleteMeta } from "./store/tables.ts";

const encoder = new TextEncoder();
/** Rows of `meta` with words of the conversation: a summary of it, and how a question begins that was undone. */
const WITH_WORDS = ["summary", "undone"];
/** Exchanges read at a time. */
const PAGE = 25;

/** Lets a session's user have what is kept of it, or have it forgotten. */
export const kept: Feature = (_ports, state) => ({
  kept: (seq, turns) => ({ read: () => read(state()), forget: () => forget(state(), seq, turns) }),
});

/**
 * Deletes the words of everything that came before this seq. What is still on its way ends with the message in flight,
 * and leaves none behind. Rows stay, without text: for redeliveries and the accounts. All or nothing.
 * @throws if the storage fails
 */
function forget(
  { sql, history, exchanges, tasks }: SessionState,
  seq: number,
  turns: { readonly lane: Lane },
) {
  const open = [...turns.lane.jobs, ...(tasks?.lanes ?? []).flatMap(({ jobs }) => jobs)]
    .map(({ exchange }) => exchange)
    .filter((exchange) => exchange.seq < seq && exchange.state !== "done");
  return sql.atomically(() => {
    const [count] = sql.all<{ exchanges: number; parked: number }>(
      `SELECT (SELECT count(*) FROM exchanges WHERE seq < ? AND question IS NOT NULL) AS exchanges,
         (SELECT count(*) FROM parked WHERE seq < ?) AS parked`,
      seq,
      seq,
    );
    for (const exchange of open) {
      const { message } = exchange;
      exchanges.move(exchange, { ...message, text: "", preface: undefined, attachments: undefined });
      if (exchange.state === "answered") exchanges.replace(exchange, exchange.outcome, []);
    }
    sql.all(
      "UPDATE exchanges SET question = NULL, answer = NULL WHERE seq < ? AND question IS NOT NULL",
      seq,
    );
    sql.all(
      `UPDATE exchanges SET kept = 0, message = NULL, chunks = NULL, sent = NULL WHERE seq < ? AND state = 'done'
         AND (kept <> 0 OR message IS NOT NULL OR chunks IS NOT NULL OR sent IS NOT NULL)`,
      seq,
    );
    sql.all("DELETE FROM parked WHERE seq < ?", seq);
    for (const key of WITH_WORDS) deleteMeta(sql, key);
    history.clear(seq);
    return count;
  });
}

/** What is kept, oldest first: the newest of it that a file may hold. @throws if the storage fails */
function read({ sql }: SessionState): ReturnType<KeptControls["read"]> {
  const conversation: { at: string; question: string; answer: string }[] = [];
  let bytes = 0;
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = sql.all<{ seq: number; at: number; question: string; answer: string | null }>(
      `SELECT seq, at, question, answer FROM exchanges WHERE seq < ? AND question IS NOT NULL
       ORDER BY seq DESC LIMIT ${PAGE}`,
      before,
    );
    for (const { seq, at, question, answer } of page) {
      const one = { at: new Date(at).toISOString(), question, answer: answer ?? "" };
      bytes += encoder.encode(JSON.stringify(JSON.stringify(one))).byteLength;
      if (bytes > MAX_EXPORT_BYTES) break;
      conversation.unshift(one);
      before = seq;
    }
    if (page.length < PAGE || bytes > MAX_EXPORT_BYTES) {
      const [rest] = sql.all<{ older: number }>(
        "SELECT count(*) AS older FROM exchanges WHERE seq < ? AND question IS NOT NULL",
        before,
      );
      return { conversation, older: rest?.older ?? 0, parked: parkedOf(sql) };
    }
  }
}

const parkedOf = (sql: SessionState["sql"]) =>
  readParked(sql).map(({ at, reason, message }) => ({
    at: new Date(at).toISOString(),
    reason,
    text: parsedJson(InboundMessage, message)?.text ?? null,
  }));
