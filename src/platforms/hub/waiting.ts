import type { Entry, Standing } from "./entries.ts";
import { MAX_SENDERS, REGISTERED_UNITS, SENDER_ENTRIES, SENDER_UNITS, UNKNOWN_UNITS } from "./limits.ts";

/** One sender, and what waits of it. */
export interface Sender {
  readonly name: string;
  /** Null while Hub has to be asked who this is. */
  standing: Standing | null;
  /** The oldest entries, as far as there is room for their texts. */
  readonly entries: Entry[];
  units: number;
  /** All entries, the ones that are not held among them. */
  waiting: number;
  /** No further entry is held: an older one was let go. */
  closed: boolean;
  /** Since when it waits (Unix milliseconds): senders are served in this order. */
  readonly since: number;
  /** When the newest entry was sent (Unix milliseconds); null if Hub said of none. */
  newest: number | null;
}

/** What an entry takes besides its text. */
const ENTRY_UNITS = 256;

/**
 * The entries that wait in one look, by sender, in a bounded amount of memory that the senders share: one who
 * writes much makes room for the others.
 */
export class Waiting {
  readonly #senders = new Map<string, Sender>();
  readonly #units = { registered: 0, unknown: 0 };
  /** Entries of senders for which there was no room at all. */
  beyond = 0;

  /** `since`: when the sender was served last, or 0. */
  add(entry: Entry, standing: Standing | null, served_at: number): void {
    const sender = this.#senderOf(entry, standing, served_at);
    if (sender === null) {
      this.beyond++;
      return;
    }
    sender.waiting++;
    if (entry.sent_at !== null) sender.newest = Math.max(sender.newest ?? 0, entry.sent_at);
    const units = unitsOf(entry);
    const most = sender.entries.length === SENDER_ENTRIES || sender.units + units > SENDER_UNITS;
    if (sender.closed || (most && sender.entries.length > 0)) {
      sender.closed = true;
      return;
    }
    sender.entries.push(entry);
    this.#count(sender, units);
    while (this.#isOver(sender)) this.#makeRoom(sender);
  }

  #senderOf(entry: Entry, standing: Standing | null, served_at: number): Sender | null {
    const known = this.#senders.get(entry.from);
    if (known !== undefined) return known;
    if (this.#senders.size >= MAX_SENDERS) return null;
    const since = Math.max(entry.sent_at ?? 0, served_at);
    const sender: Sender = {
      name: entry.from,
      standing,
      entries: [],
      units: 0,
      waiting: 0,
      closed: false,
      since,
      newest: null,
    };
    this.#senders.set(entry.from, sender);
    return sender;
  }

  #count(sender: Sender, units: number): void {
    sender.units += units;
    this.#units[kindOf(sender)] += units;
  }

  #isOver(sender: Sender): boolean {
    const kind = kindOf(sender);
    return this.#units[kind] > (kind === "registered" ? REGISTERED_UNITS : UNKNOWN_UNITS);
  }

  /** Lets go of the last entry of who holds most; where nobody holds two, of who is served last. */
  #makeRoom({ standing }: Sender): void {
    const weight = ({ entries, units }: Sender) => (entries.length > 1 ? units : 0);
    let most: Sender | undefined;
    for (const sender of this.#senders.values()) {
      if ((sender.standing === null) !== (standing === null) || sender.entries.length === 0) continue;
      const more = most === undefined ? 1 : weight(sender) - weight(most) || sender.since - most.since;
      if (more >= 0) most = sender;
    }
    const last = most?.entries.pop();
    if (most === undefined || last === undefined) return;
    most.closed = true;
    this.#count(most, -unitsOf(last));
  }

  senders(): IterableIterator<Sender> {
    return this.#senders.values();
  }

  /** Senders that Hub has to be asked about, and those that it was asked about; each in the order of serving. */
  unknown(): Sender[] {
    return this.#ordered((sender) => sender.standing === null);
  }

  registered(): Sender[] {
    return this.#ordered((sender) => sender.standing !== null);
  }

  #ordered(wanted: (sender: Sender) => boolean): Sender[] {
    return [...this.#senders.values()].filter(wanted).sort((a, b) => a.since - b.since);
  }
}

const kindOf = ({ standing }: Sender) => (standing === null ? "unknown" : "registered");
const unitsOf = ({ text }: Entry): number => text.length + ENTRY_UNITS;
