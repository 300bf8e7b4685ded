import * as v from "valibot";
import type { NotesRequest, OwnerNotes } from "../../env.ts";
import type { Sql } from "../../lib/ports.ts";
import { number } from "../../lib/schema.ts";
import { isMade, META_TABLE, readMetaAs, writeMeta } from "../store/tables.ts";

const Stored = v.object({
  text: v.string(),
  /** Counts the writes. */
  revision: number,
  /** The newest flushes that are in the text, by id. */
  flushes: v.array(v.string()),
});
type Stored = Readonly<v.InferOutput<typeof Stored>>;

const MEMORY = "memory";
const NOTHING: Stored = { text: "", revision: 0, flushes: [] };
/** A flush that is taken up again after a crash is among the newest. */
const KEEP_FLUSHES = 50;

/**
 * What is remembered of an owner, whichever chats that is from. A session reads it, asks a model for what it should
 * be from then on, and writes that only if no other session has written meanwhile. What it returns throws if the
 * storage fails; nothing is stored before the first write.
 */
export function ownerNotes(sql: Sql): (request: NotesRequest) => OwnerNotes {
  let stored: Stored | null = null;
  const read = (): Stored => {
    stored ??= (isMade(sql) ? readMetaAs(Stored, sql, MEMORY) : null) ?? NOTHING;
    return stored;
  };
  const write = (next: Stored): void => {
    if (!isMade(sql)) sql.all(META_TABLE);
    writeMeta(sql, MEMORY, JSON.stringify(next));
    stored = next;
  };
  return ({ flush, text, revision }) => {
    const before = read();
    if (text !== undefined && (revision ?? before.revision) === before.revision) {
      const flushes = [...before.flushes, ...(flush === undefined ? [] : [flush])].slice(-KEEP_FLUSHES);
      write({ text, revision: before.revision + 1, flushes });
    }
    const { flushes, ...notes } = read();
    return { ...notes, done: flush !== undefined && flushes.includes(flush) };
  };
}
