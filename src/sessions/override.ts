import * as v from "valibot";
import { log } from "../lib/log.ts";
import type { Kv, Sql } from "../lib/ports.ts";
import { number, parsed, parsedJson } from "../lib/schema.ts";
import { type Clock, inTime } from "../lib/time.ts";
import { StoredOverride } from "../routing/override.ts";
import type { Override } from "../routing/types.ts";
import { OVERRIDE_FRESH_MS } from "./limits.ts";
import { readMetaAs, writeMeta } from "./store/tables.ts";

/**
 * This session's own last write. `written`: KV has taken it. `shown`: KV has been seen to show it, so that
 * anything else there is newer.
 */
const OwnWrite = v.object({
  value: v.nullable(StoredOverride),
  at: number,
  written: v.boolean(),
  /** When KV took it, in Unix milliseconds; absent where that was when it was made. */
  written_at: v.optional(number),
  shown: v.boolean(),
});
type OwnWrite = v.InferOutput<typeof OwnWrite>;

const META_KEY = "override";
/** KV shows a write after about a minute; by this long it has. */
const SETTLED_MS = 5 * 60 * 1_000;
/** A write that KV refused is tried again after this long. */
const WRITE_AGAIN_MS = 2_000;
/** A turn waits no longer for KV: the last known value is good enough. */
const PATIENCE_MS = 2_000;

/**
 * A session's `/model` override. KV is the store of record, but eventually consistent (60 s and more:
 * https://developers.cloudflare.com/kv/concepts/how-kv-works/), so the session's own last write wins until
 * KV shows it or something newer.
 */
export class SessionOverride {
  readonly #kv: Kv;
  readonly #key: string;
  readonly #sql: Sql;
  readonly #clock: Clock;
  #own: OwnWrite | null | undefined;
  /** What KV showed last; undefined where it has not been readable yet. */
  #read: { readonly value: StoredOverride | null | undefined; readonly at: number } | null = null;
  #writeAgainAt = 0;

  constructor(kv: Kv, session: string, sql: Sql, clock: Clock) {
    this.#kv = kv;
    this.#key = `override:${session}`;
    this.#sql = sql;
    this.#clock = clock;
  }

  /** The override in force, or null. Never waits long: routing must not block a turn. @throws if storage fails */
  async current(): Promise<StoredOverride | null> {
    const now = this.#clock.now();
    if (!this.#read || now - this.#read.at >= OVERRIDE_FRESH_MS) {
      await this.#refresh(now);
      const own = this.#ownWrite();
      if (own && now >= this.#writeAgainAt && this.#isMissing(own, now)) await this.#write(now);
    }
    const own = this.#ownWrite();
    return own && this.#ownWins(own, now) ? own.value : (this.#read?.value ?? null);
  }

  /**
   * Whether KV has what was chosen last, after one more try to write it: once the session is freed, nobody else
   * knows. @throws if storage fails
   */
  async isHandedOver(): Promise<boolean> {
    await this.current();
    const own = this.#ownWrite();
    return own === null || !this.#isMissing(own, this.#clock.now());
  }

  /** Sets or (null) clears the override: in force at once; resolves when KV has it too, or did not take it. */
  async set(value: Override | null, set_by: string): Promise<void> {
    const now = this.#clock.now();
    if (value === null && this.#ownWrite() === null) {
      await this.#refresh(now);
      // Nobody has set one: there is nothing to remove, and a removal costs as much as a write.
      if (this.#read?.value === null) return;
    }
    // Later than what KV shows, even if another machine's clock is ahead of this one's.
    const at = Math.max(now, setAt(this.#read?.value ?? null) + 1);
    const set = { ...value, model: value?.model ?? "", set_by, set_at: new Date(at).toISOString() };
    this.#remember({ value: value && parsed(StoredOverride, set), at, written: false, shown: false });
    await this.#write(now);
  }

  /** Whether the own write is still the newest as far as KV has shown. */
  #ownWins(own: OwnWrite, now: number): boolean {
    const there = this.#read?.value;
    // What cannot be read says nothing against it.
    if (there === undefined) return true;
    const time = setAt(there);
    if (time > own.at) return false;
    if (time > 0) return true;
    // A value without a time, or none at all, is newer if KV has already shown the own write, or had time enough.
    return !own.shown && !isSettled(own, now);
  }

  /** Whether KV has not taken the own write, or shows an older one long after: a late write has replaced it. */
  #isMissing(own: OwnWrite, now: number): boolean {
    if (!this.#ownWins(own, now)) return false;
    const there = this.#read?.value;
    const replaced = there !== undefined && !sameValue(there, own.value) && setAt(there) > 0;
    return !own.written || (replaced && isSettled(own, now));
  }

  async #write(now: number): Promise<void> {
    const own = this.#ownWrite();
    if (!own) return;
    const { value } = own;
    this.#writeAgainAt = now + WRITE_AGAIN_MS;
    try {
      const work =
        value === null ? this.#kv.delete(this.#key) : this.#kv.put(this.#key, JSON.stringify(value));
      await inTime(PATIENCE_MS, "KV", work);
      if (this.#own === own) this.#remember({ ...own, written: true, written_at: now });
    } catch (error) {
      // One write a second and key is KV's limit. The own write holds meanwhile.
      log("warn", "override_write_failed", { key: this.#key, detail: String(error) });
    }
  }

  async #refresh(now: number): Promise<void> {
    try {
      const text = await inTime(PATIENCE_MS, "KV", this.#kv.get(this.#key));
      const value = parsedJson(StoredOverride, text);
      if (text !== null && value === null) throw new Error("no override stands there");
      this.#read = { value, at: now };
    } catch (error) {
      this.#read = { value: this.#read?.value, at: now };
      log("warn", "override_unreadable", { key: this.#key, detail: String(error) });
      return;
    }
    const own = this.#ownWrite();
    if (!own || (own.written && own.shown)) return;
    const there = this.#read.value ?? null;
    const shown = own.written && there !== null && sameValue(there, own.value);
    // What KV shows as newer has replaced the own write for good, even if it is removed later.
    if (shown || setAt(there) > own.at) this.#remember({ ...own, written: true, shown: true });
  }

  #ownWrite(): OwnWrite | null {
    if (this.#own === undefined) {
      this.#own = readMetaAs(OwnWrite, this.#sql, META_KEY);
    }
    return this.#own;
  }

  #remember(own: OwnWrite): void {
    this.#own = own;
    writeMeta(this.#sql, META_KEY, JSON.stringify(own));
  }
}

/** When an override was set, in Unix milliseconds; 0 if it does not say. */
function setAt(override: Pick<StoredOverride, "set_at"> | null): number {
  return Date.parse(override?.set_at ?? "") || 0;
}

/** Whether KV has had time enough to show an own write. */
const isSettled = ({ written, written_at, at }: OwnWrite, now: number): boolean =>
  written && now - (written_at ?? at) > SETTLED_MS;

function sameValue(a: StoredOverride | null, b: StoredOverride | null): boolean {
  if (a === null || b === null) return a === b;
  return a.model === b.model && setAt(a) === setAt(b);
}
