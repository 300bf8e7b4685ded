import * as z from "zod/mini";
import { log } from "../lib/log.ts";
import { StoredOverride } from "../routing/override.ts";
import type { Override } from "../routing/types.ts";

/**
 * This session's own last write. `written`: KV has taken it. `shown`: KV has been seen to show it, so that its
 * absence there means that somebody removed it.
 */
const ownWrite = z.object({
  value: z.nullable(StoredOverride),
  at: z.number(),
  written: z.boolean(),
  shown: z.boolean(),
});
type OwnWrite = z.infer<typeof ownWrite>;

/** KV shows a write after about a minute; what it does not show after this long was removed there. */
const SETTLED_MS = 5 * 60 * 1_000;
/** A write that KV refused is tried again after this long. */
const WRITE_AGAIN_MS = 2_000;
/** A turn waits no longer for KV: the last known value is good enough. */
const PATIENCE_MS = 2_000;

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
    this.#own = readOwn(slot.read());
  }

  /** The override in force, or null. Never throws and never waits long: routing must not block a turn. */
  async current(now = Date.now()): Promise<StoredOverride | null> {
    if (!this.#read || now - this.#read.at >= this.#freshMs) {
      await this.#refresh(now);
      if (this.#own && !this.#own.written && now >= this.#writeAgainAt) await this.#write(now);
    }
    const own = this.#own;
    const shown = this.#read?.value ?? null;
    if (!own || setAt(shown) > own.at) return shown;
    if (shown === null && (own.shown || (own.written && now - own.at > SETTLED_MS))) return null;
    return own.value;
  }

  /** Sets or (null) clears the override: in force at once; resolves when KV has it too, or did not take it. */
  async set(value: Override | null, setBy: string, now = Date.now()): Promise<void> {
    // Later than what KV shows, even if another machine's clock is ahead of this one's.
    const at = Math.max(now, setAt(this.#read?.value ?? null) + 1);
    const set_at = new Date(at).toISOString();
    const stored =
      value === null
        ? null
        : StoredOverride.parse({ ...value, model: value.model ?? "", set_by: setBy, set_at });
    this.#remember({ value: stored, at, written: false, shown: false });
    await this.#write(now);
  }

  async #write(now: number): Promise<void> {
    const own = this.#own;
    if (!own) return;
    const { value } = own;
    this.#writeAgainAt = now + WRITE_AGAIN_MS;
    try {
      await inTime(
        value === null ? this.#kv.delete(this.#key) : this.#kv.put(this.#key, JSON.stringify(value)),
      );
      if (this.#own === own) this.#remember({ ...own, written: true });
    } catch (error) {
      // One write a second and key is KV's limit. The own write holds meanwhile.
      log("warn", "override_write_failed", { key: this.#key, detail: String(error) });
    }
  }

  async #refresh(now: number): Promise<void> {
    try {
      const text = await inTime(this.#kv.get(this.#key));
      this.#read = { value: text === null ? null : StoredOverride.parse(JSON.parse(text)), at: now };
    } catch (error) {
      this.#read = { value: this.#read?.value ?? null, at: now };
      log("warn", "override_unreadable", { key: this.#key, detail: String(error) });
    }
    const own = this.#own;
    const shown = this.#read?.value ?? null;
    if (own?.value && !own.shown && setAt(shown) === own.at) this.#remember({ ...own, shown: true });
  }

  #remember(own: OwnWrite): void {
    this.#own = own;
    this.#slot.write(JSON.stringify(own));
  }
}

/** When an override was set, in Unix milliseconds; 0 if it does not say. */
function setAt(override: Pick<StoredOverride, "set_at"> | null): number {
  return Date.parse(override?.set_at ?? "") || 0;
}

/** The kept own write; null if there is none, or none that this version can read. */
function readOwn(kept: string | null): OwnWrite | null {
  try {
    return ownWrite.safeParse(JSON.parse(kept ?? "null")).data ?? null;
  } catch {
    return null;
  }
}

/** Rejects when KV does not answer in time; what it was asked goes on. */
async function inTime<Value>(operation: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from KV within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([operation, late]);
  } finally {
    clearTimeout(timer);
  }
}
