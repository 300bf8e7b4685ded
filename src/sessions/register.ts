import type { Env, RegisterObject } from "../env.ts";
import { log } from "../lib/log.ts";
import type { Sql } from "../lib/ports.ts";
import { FREE_AFTER_MS } from "./limits.ts";
import { DAY_MS, dayOf } from "./store/usage.ts";

/** How often sweeping has an effect, and how often each session has its turn. */
const SWEEP_MS = 10 * 60 * 1_000;
const ROUND_MS = 6 * 60 * 60 * 1_000;
const SLOTS = ROUND_MS / SWEEP_MS;
/** Sessions looked at in one sweep: an invocation may make 1,000 requests of Durable Objects. */
const SESSIONS_PER_SWEEP = 500;
/** A session that was in use within this many days may have lost its alarm. */
const LOOK_DAYS = 2;

/** What the register may ask of a session. */
export interface Registered {
  look(): Promise<void>;
  free(): Promise<boolean>;
}

/**
 * The list of sessions. An alarm that fails for long enough is lost (Cloudflare tries it six times), and nothing
 * else would wake a session with unfinished work; nor can storage be freed that nobody remembers. A session
 * enlists once a day at most, and each is looked at once in six hours while it is in use.
 */
export class Register {
  readonly #sql: Sql;
  readonly #session: (name: string) => Registered;

  constructor(sql: Sql, session: (name: string) => Registered) {
    this.#sql = sql;
    this.#session = session;
    sql.all(`CREATE TABLE IF NOT EXISTS sessions (
      slot INTEGER NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (slot, name)
    ) WITHOUT ROWID`);
  }

  /** Notes that a session is in use. @throws if the storage fails */
  enlist(name: string, now: number): void {
    this.#sql.all(
      `INSERT INTO sessions (slot, name, day) VALUES (?, ?, ?)
       ON CONFLICT (slot, name) DO UPDATE SET day = excluded.day WHERE day <> excluded.day`,
      slotOf(name),
      name,
      dayOf(now),
    );
  }

  /** Looks at the sessions whose time it is. @throws if the storage fails */
  async sweep(now: number): Promise<void> {
    const slot = Math.floor(now / SWEEP_MS) % SLOTS;
    const today = dayOf(now);
    const oldest = today - FREE_AFTER_MS / DAY_MS;
    const rows = this.#sql.all<{ name: string; day: number }>(
      "SELECT name, day FROM sessions WHERE slot = ? AND (day >= ? OR day < ?) ORDER BY name",
      slot,
      today - LOOK_DAYS,
      oldest,
    );
    // Of more than fit, each round takes others.
    const from =
      rows.length <= SESSIONS_PER_SWEEP ? 0 : (Math.floor(now / ROUND_MS) * SESSIONS_PER_SWEEP) % rows.length;
    for (const { name, day } of [...rows.slice(from), ...rows.slice(0, from)].slice(0, SESSIONS_PER_SWEEP)) {
      try {
        if (day >= today - LOOK_DAYS) await this.#session(name).look();
        else if (await this.#session(name).free()) {
          this.#sql.all("DELETE FROM sessions WHERE slot = ? AND name = ?", slot, name);
        } else this.enlist(name, now);
      } catch (error) {
        log("warn", "session_not_looked_at", { session: name, detail: String(error) });
      }
    }
  }
}

/** The one register. */
export const registerOf = (env: Env): DurableObjectStub<RegisterObject> => env.REGISTER.getByName("sessions");

/** Whether a sweep would look at others than the one a minute ago (`now` in Unix milliseconds). */
export const isSweepDue = (now: number): boolean => now % SWEEP_MS < 60_000;

/** FNV-1a over the name. */
function slotOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SLOTS;
}
