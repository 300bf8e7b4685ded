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

/** The agents and inboxes of one Hub. */
export class HubStore {
  readonly #agents = new Map<string, HubAgent>();
  readonly #inboxes = new Map<string, HubEntry[]>();
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

  inbox(id: string): HubEntry[] {
    return this.#inboxes.get(id) ?? [];
  }

  /** Appends an entry; without an id or a time of its own it gets one (`undefined` leaves it without). */
  put(id: string, entry: HubEntry): HubEntry {
    const whole = { id: messageId(), timestamp: naiveTime(), read: false, ...entry };
    this.#inboxes.set(id, [...this.inbox(id), whole]);
    return whole;
  }

  clear(id: string): void {
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
