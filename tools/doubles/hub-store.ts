import { randomBytes } from "node:crypto";

/** An inbox entry, with Hub's field names. What Hub's own events carry besides is up to them. */
export interface HubEntry {
  readonly id?: string | undefined;
  readonly from?: string;
  readonly message?: unknown;
  readonly timestamp?: string | undefined;
  read?: boolean;
  readonly [field: string]: unknown;
}

export interface HubAgent {
  readonly secret: string;
  registered_at: string;
  callback_url: string | null;
  callback_verified: boolean | null;
  callback_error: string | null;
}

/** What a callback came to: a status, or the error text that Hub shows to the sender. */
export type CallbackResult = { readonly status: number | "failed"; readonly error: string | null };

/** How Hub rates a sender by what others attest of it. */
export interface HubPriority {
  readonly level: "flag" | "normal" | "deprioritize" | "quarantine";
  readonly state: string;
  readonly score: number;
  readonly reason: string;
}

const UNKNOWN: HubPriority = { level: "normal", state: "UNKNOWN", score: 0, reason: "no trust history" };

const RATINGS: Readonly<Record<HubPriority["level"], HubPriority>> = {
  flag: { level: "flag", state: "DECLINING", score: 0.75, reason: "high trust (0.75) but declining" },
  normal: { level: "normal", state: "STABLE_HIGH", score: 0.9, reason: "consistent high trust (0.90)" },
  deprioritize: { level: "deprioritize", state: "STABLE_LOW", score: 0.2, reason: "low trust (0.20)" },
  quarantine: {
    level: "quarantine",
    state: "ANOMALOUS_HIGH",
    score: 0.95,
    reason: "sudden high score (0.95)",
  },
};

/** An exception inside Hub, which its sender reads as a 500. */
export class HubCrash extends Error {}

/** The agents and inboxes of one Hub. */
export class HubStore {
  readonly #agents = new Map<string, HubAgent>();
  readonly #inboxes = new Map<string, HubEntry[]>();
  readonly #corrupt = new Set<string>();
  readonly #ratings = new Map<string, HubPriority>();
  /** Every direct message that was ever taken, oldest first; Hub shows them to anyone. */
  readonly sent: { readonly to: string; readonly entry: HubEntry }[] = [];

  agent(id: string): HubAgent | undefined {
    return this.#agents.get(id);
  }

  agents(): [string, HubAgent][] {
    return [...this.#agents];
  }

  /** A new agent with its welcome message; the callback URL is kept untested. */
  register(id: string, callback_url: string | null): HubAgent {
    const agent: HubAgent = {
      secret: randomBytes(32).toString("base64url"),
      registered_at: naiveTime(),
      callback_url,
      callback_verified: null,
      callback_error: null,
    };
    this.#agents.set(id, agent);
    const message = `Hey ${id} — welcome to Hub. You're #${this.#agents.size}.`;
    this.#inboxes.set(id, [
      { id: `welcome-${id}`, from: "brain", message, timestamp: `${naiveTime()}Z`, read: false },
    ]);
    return agent;
  }

  /** The inbox itself, not a copy. Throws HubCrash when it is corrupt. */
  inbox(id: string): HubEntry[] {
    if (this.#corrupt.has(id)) throw new HubCrash(`the inbox of ${id} is no JSON`);
    return this.#inboxes.get(id) ?? [];
  }

  /** What two writers at once leave behind: nothing can be read or added until the inbox is cleared. */
  corrupt(id: string): void {
    this.#corrupt.add(id);
  }

  /** What further messages of this sender, registered or not, carry as their priority. */
  rate(from: string, level: HubPriority["level"]): void {
    this.#ratings.set(from, RATINGS[level]);
  }

  priorityOf(from: string): HubPriority {
    return this.#ratings.get(from) ?? UNKNOWN;
  }

  /** Appends an entry; without an id or a time of its own it gets one (`undefined` leaves it without). */
  put(id: string, entry: HubEntry): HubEntry {
    const whole = { id: messageId(), timestamp: naiveTime(), read: false, ...entry };
    this.#inboxes.set(id, [...this.inbox(id), whole]);
    return whole;
  }

  clear(id: string): void {
    this.#corrupt.delete(id);
    this.#inboxes.set(id, []);
  }
}

/** Sixteen hex digits, as Hub's message ids. */
export function messageId(): string {
  return randomBytes(8).toString("hex");
}

/** A moment (Unix milliseconds) as Hub writes it: UTC without a zone, six digits of a second. */
export function naiveTime(at: number = Date.now()): string {
  return new Date(at).toISOString().replace("Z", "000");
}

/** POSTs JSON to a callback URL. The error text names host, path and query, as Hub's does. */
export async function callBack(url: string, body: unknown, timeout_ms: number): Promise<CallbackResult> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout_ms),
    });
    await response.body?.cancel();
    return { status: response.status, error: null };
  } catch {
    const { hostname, port, pathname, search } = URL.parse(url) ?? new URL("http://invalid/");
    const where = `HTTPConnectionPool(host='${hostname}', port=${port})`;
    return {
      status: "failed",
      error: `${where}: Max retries exceeded with url: ${pathname}${search}`.slice(0, 200),
    };
  }
}
