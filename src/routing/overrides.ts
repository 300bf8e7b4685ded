import * as z from "zod/mini";
import { log } from "../log.ts";
import type { Override } from "./types.ts";

const optionalText = z.optional(z.nullable(z.string()));

/** KV's value for `override:<session key>`; other fields, above all keys, are dropped on reading. */
const storedOverride = z.object({
  model: z.string(),
  provider: optionalText,
  base_url: optionalText,
  set_by: optionalText,
  set_at: optionalText,
});
export type StoredOverride = z.infer<typeof storedOverride>;

/** This session's own last write, kept until KV shows it. */
const ownWrite = z.object({ value: z.nullable(storedOverride), at: z.string(), confirmed: z.boolean() });
type OwnWrite = z.infer<typeof ownWrite>;

/** KV shows a write after about a minute; one that it does not show by then was lost. */
const WRITE_AGAIN_AFTER_MS = 120_000;

/** Where the own last write is kept: the session's strongly consistent storage. */
export interface OwnWriteSlot {
  read(): string | null;
  write(value: string): void;
}

/**
 * A session's `/model` override. KV is the store of record, but eventually consistent (60 s and more:
 * https://developers.cloudflare.com/kv/concepts/how-kv-works/), so the session's own last write wins until
 * KV shows it or something newer.
 */
export class SessionOverride {
  readonly #kv: KVNamespace;
  readonly #key: string;
  readonly #slot: OwnWriteSlot;
  readonly #freshMs: number;
  #own: OwnWrite | null;
  #read: { value: StoredOverride | null; at: number } | null = null;
  #writeAgainAt = 0;

  constructor(kv: KVNamespace, sessionKey: string, slot: OwnWriteSlot, freshMs: number) {
    this.#kv = kv;
    this.#key = `override:${sessionKey}`;
    this.#slot = slot;
    this.#freshMs = freshMs;
    const kept = slot.read();
    this.#own = kept === null ? null : ownWrite.parse(JSON.parse(kept));
  }

  /** The override in force, or null. Never throws: routing must not block a turn. */
  async current(now = Date.now()): Promise<StoredOverride | null> {
    if (!this.#read || now - this.#read.at >= this.#freshMs) {
      await this.#refresh(now);
      await this.#confirm(now);
    }
    const own = this.#own;
    const shown = this.#read?.value ?? null;
    if (!own || isNewer(shown, own)) return shown;
    // Once KV has shown the own write, its absence means that somebody removed it there.
    return own.confirmed && shown === null ? null : own.value;
  }

  /** Sets or (null) clears the override: in force at once; resolves when KV has it too, or refused it. */
  async set(value: Override | null, setBy: string, now = Date.now()): Promise<void> {
    const at = new Date(now).toISOString();
    const stored =
      value === null
        ? null
        : storedOverride.parse({ ...value, model: value.model ?? "", set_by: setBy, set_at: at });
    this.#remember({ value: stored, at, confirmed: false });
    await this.#write(now);
  }

  async #write(now: number): Promise<void> {
    const value = this.#own?.value ?? null;
    this.#writeAgainAt = now + WRITE_AGAIN_AFTER_MS;
    try {
      await (value === null ? this.#kv.delete(this.#key) : this.#kv.put(this.#key, JSON.stringify(value)));
    } catch (error) {
      // One write a second and key is KV's limit. The own write holds meanwhile.
      log("warn", "override_write_failed", { session: this.#key, detail: String(error) });
    }
  }

  /** Notes that KV shows the own write, or writes it once more when it should have by now. */
  async #confirm(now: number): Promise<void> {
    const own = this.#own;
    if (!own || own.confirmed) return;
    const shown = this.#read?.value ?? null;
    const confirmed = shown === null ? own.value === null : (shown.set_at ?? "") >= own.at;
    if (confirmed) this.#remember({ ...own, confirmed: true });
    else if (now >= this.#writeAgainAt) await this.#write(now);
  }

  async #refresh(now: number): Promise<void> {
    try {
      const text = await this.#kv.get(this.#key);
      this.#read = { value: text === null ? null : storedOverride.parse(JSON.parse(text)), at: now };
    } catch (error) {
      this.#read = { value: this.#read?.value ?? null, at: now };
      log("warn", "override_unreadable", { session: this.#key, detail: String(error) });
    }
  }

  #remember(own: OwnWrite): void {
    this.#own = own;
    this.#slot.write(JSON.stringify(own));
  }
}

function isNewer(shown: StoredOverride | null, own: OwnWrite): boolean {
  return shown !== null && (shown.set_at ?? "") > own.at;
}
