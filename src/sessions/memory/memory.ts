import * as v from "valibot";
import { log } from "../../lib/log.ts";
import { ok } from "../../lib/result.ts";
import { type Frozen, number, parsed } from "../../lib/schema.ts";
import { inTime } from "../../lib/time.ts";
import { Source } from "../../message/source.ts";
import { classify } from "../../routing/source.ts";
import type { Said } from "../store/conversation.ts";
import { readMetaAs, writeMeta } from "../store/tables.ts";
import { addUsage } from "../store/usage.ts";
import { excerptOf, flushPrompt, type Remembered, readNotes } from "./flush.ts";
import { memoryText } from "./notes.ts";
import type { MemoryHost, MemoryPorts, OpenMemory, OwnerMemory, SessionMemory } from "./port.ts";
import { ownerOf } from "./whose.ts";

/** A conversation that is to be remembered. */
const Pending = v.object({
  /** The same whenever it is taken up, and no other's. */
  id: v.string(),
  source: Source,
  said: v.array(v.object({ question: v.string(), answer: v.string() })),
  tries: number,
  /** Unix milliseconds before which it is not taken up. */
  at: number,
});
type Pending = Frozen<v.InferOutput<typeof Pending>>;

const Stored = v.object({
  /** The chat's notes. */
  text: v.string(),
  /** Up to which exchange what was said has been handed over. */
  flushed: number,
  pending: v.array(Pending),
});
type Stored = Frozen<v.InferOutput<typeof Stored>>;

const MEMORY = "memory";
const NOTHING: Stored = { text: "", flushed: Number.MIN_SAFE_INTEGER, pending: [] };
/** What another session has of the chat under its old id. */
const Beside = v.object({ memory: v.string() });

/** The pauses before a flush that failed is tried again, in milliseconds; after the last it is given up. */
const PAUSES_MS = [60_000, 10 * 60_000, 60 * 60_000];
const MAX_TRIES = PAUSES_MS.length + 1;
/** How often a flush asks again because another session has changed the owner's notes meanwhile. */
const MAX_ROUNDS = 3;
/** Conversations that may wait; each is at most some 40 KB. */
const MAX_PENDING = 5;
/** The pause before it is looked again whether turns are over. */
const ANSWERING_MS = 10_000;
/** A turn waits no longer for an owner's notes: those known last are good enough. */
const PATIENCE_MS = 2_000;

/** Opens sessions' memories over those of owners, by name; none where the routes file has no `memory`. */
export const memoryOf =
  (owners: (name: string) => OwnerMemory): OpenMemory =>
  (ports, host) =>
    ports.routes.memory ? new Memory(ports, host, owners) : null;

class Memory implements SessionMemory {
  readonly #ports: MemoryPorts;
  readonly #host: MemoryHost;
  readonly #owners: (name: string) => OwnerMemory;
  #stored: Stored | null = null;
  /** The owner's notes as a turn read them last. */
  #known = "";
  #running = false;
  /** Not before then, in Unix milliseconds: turns were going on. */
  #notBefore = 0;

  constructor(ports: MemoryPorts, host: MemoryHost, owners: (name: string) => OwnerMemory) {
    this.#ports = ports;
    this.#host = host;
    this.#owners = owners;
  }

  async told(source: Source): Promise<string> {
    const owner = this.#ownerOf(source);
    if (owner === null) return memoryText("", this.text);
    try {
      this.#known = (await inTime(PATIENCE_MS, "the owner's memory", owner.notes({})))?.text ?? "";
    } catch (error) {
      log("warn", "memory_unreadable", { session: this.#ports.name, detail: String(error) });
    }
    return memoryText(this.#known, this.text);
  }

  flush(source: Source, said: readonly Said[]): void {
    const { flushed, pending, text } = this.#read();
    const fresh = said.filter(({ seq }) => seq > flushed);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const at = this.#ports.clock.now();
    const one = { id: `${this.#ports.name} ${last.seq} ${at}`, source, said: excerptOf(fresh), tries: 0, at };
    const [oldest] = pending;
    if (oldest && pending.length >= MAX_PENDING) this.#giveUp(oldest, "too many wait");
    const waiting = [...pending, one].slice(-MAX_PENDING);
    this.#write({ text, flushed: last.seq, pending: waiting });
    this.#host.wakeAt(at + ANSWERING_MS);
    // Once the writes that this one belongs to are made.
    this.#host.spawn(Promise.resolve().then(() => this.start()));
  }

  async shown(source: Source): Promise<Remembered> {
    const owner = this.#ownerOf(source);
    return { owner: owner && ((await owner.notes({}))?.text ?? ""), chat: this.text };
  }

  async forget(source: Source, seq: number): Promise<void> {
    // What waits would bring it back, and so would the conversation so far, once it is over.
    this.#write({ text: "", flushed: seq, pending: [] });
    await this.#ownerOf(source)?.notes({ text: "" });
  }

  get text(): string {
    return this.#read().text;
  }

  adopt(beside: unknown): void {
    const { memory = "" } = parsed(Beside, beside) ?? {};
    if (this.text === "" && memory !== "") this.#write({ ...this.#read(), text: memory });
  }

  clear(): void {
    if (this.#read() !== NOTHING) this.#write({ ...NOTHING, flushed: this.#read().flushed });
  }

  get length(): number {
    return this.#read().pending.length;
  }

  get due(): number | null {
    if (this.#running) return 0;
    const [next] = this.#read().pending;
    return next ? Math.max(next.at, this.#notBefore) : null;
  }

  start(): void {
    const { due } = this;
    if (this.#running || due === null) return;
    const now = this.#ports.clock.now();
    if (due <= now && this.#host.isAnswering()) this.#notBefore = now + ANSWERING_MS;
    if (due > now || this.#notBefore > now) {
      this.#host.wakeAt(Math.max(due, this.#notBefore));
      return;
    }
    this.#running = true;
    this.#host.spawn(this.#work());
  }

  /** @throws if the storage fails */
  async #work(): Promise<void> {
    try {
      const [next] = this.#read().pending;
      if (next) await this.#take(next);
    } finally {
      this.#running = false;
    }
    this.start();
  }

  async #take(before: Pending): Promise<void> {
    const tries = before.tries + 1;
    if (tries > MAX_TRIES) return this.#drop(before, "it ended the session's object");
    // Counted first: what ends the object again and again must not be asked for ever.
    const pause = PAUSES_MS[tries - 1] ?? 0;
    const one = { ...before, tries, at: this.#ports.clock.now() + pause };
    const stored = this.#read();
    this.#write({ ...stored, pending: stored.pending.map((some) => (some === before ? one : some)) });
    let why: string | null;
    try {
      why = await this.#remember(one);
    } catch (error) {
      // The owner's memory could not be reached, or a bug; where it is this session's storage, the next write fails too.
      why = String(error);
    }
    if (why === null || !this.#waits(one)) return;
    if (tries === MAX_TRIES) this.#drop(one, why);
    else log("warn", "memory_flush_failed", { session: this.#ports.name, tries, detail: why });
  }

  /** Has what was said noted; null, or why it could not be. */
  async #remember(one: Pending): Promise<string | null> {
    const { routes, env, name, clock, sql } = this.#ports;
    const { source, said, id } = one;
    const owner = this.#ownerOf(source);
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const notes = await owner?.notes({ flush: id });
      const before: Remembered = { owner: notes?.text ?? null, chat: this.text };
      const asked = await this.#host.ask(
        {
          // Whatever the conversation was routed to: notes are the gateway's own.
          context: null,
          override: null,
          session: null,
          delivery_id: null,
          prompt: async () => ok(flushPrompt(said, before, source, classify(source, routes))),
        },
        { routes, env, clock, signal: new AbortController().signal },
      );
      log(asked.kind === "answer" ? "info" : "warn", "memory_flush", { session: name, ...asked.fields });
      if (asked.record) addUsage(sql, asked.record, clock.now());
      if (asked.kind !== "answer") return asked.kind === "error" ? asked.reason : "declined";
      const after = readNotes(asked.text, before);
      if (after === null) return "the answer has no notes";
      // Forgotten while it was asked about.
      if (!this.#waits(one)) return null;
      if (notes && !notes.done && after.owner !== null && after.owner !== notes.text) {
        const { revision } = notes;
        const written = await owner?.notes({ flush: id, text: after.owner, revision });
        if (!written?.done) continue;
      }
      if (this.#waits(one)) this.#finish(one, after.chat);
      return null;
    }
    return "another session changed the owner's notes each time";
  }

  #waits(one: Pending): boolean {
    return this.#read().pending.includes(one);
  }

  #finish(one: Pending, text = this.text): void {
    const stored = this.#read();
    this.#write({ ...stored, text, pending: stored.pending.filter((some) => some !== one) });
  }

  #drop(one: Pending, detail: string): void {
    this.#giveUp(one, detail);
    this.#finish(one);
  }

  #giveUp({ tries }: Pending, detail: string): void {
    log("error", "memory_not_flushed", { session: this.#ports.name, tries, detail });
  }

  #ownerOf(source: Source): OwnerMemory | null {
    const name = ownerOf(source, this.#ports.routes);
    return name === null ? null : this.#owners(name);
  }

  #read(): Stored {
    this.#stored ??= readMetaAs(Stored, this.#ports.sql, MEMORY) ?? NOTHING;
    return this.#stored;
  }

  #write(stored: Stored): void {
    writeMeta(this.#ports.sql, MEMORY, JSON.stringify(stored));
    this.#stored = stored;
  }
}
