import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { parseObject } from "../lib/json.ts";
import { serveApp } from "../lib/serve.ts";
import { waitFor } from "../lib/wait.ts";
import { hubApp } from "./hub-app.ts";
import { bodyOf } from "./hub-http.ts";
import { callBack, type HubEntry, type HubPriority, HubStore, naiveTime } from "./hub-store.ts";

const BASE_PATH = "/oc/brain";

/** One request that the double got, in order of arrival. */
export interface HubCall {
  readonly method: string;
  /** Below Hub's base path, as sent: still percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  /** Status of the answer; null while there is none. */
  status: number | null;
}

export interface HubSend {
  readonly from: string;
  readonly to: string;
  readonly message: unknown;
  /** Default: the secret of `from`, if it is registered. Null sends none. */
  readonly secret?: string | null;
}

export interface HubFaultOptions {
  /** The request is carried out and only its answer is lost: what a 502 of Hub's front may hide. */
  readonly processed?: boolean;
  /** Only requests whose `METHOD /path` (below the base path) matches. */
  readonly only?: RegExp;
}

export interface HubDouble {
  /** For `HUB_BASE_URL`: with the base path, without a slash at the end. */
  readonly url: string;
  readonly requests: readonly HubCall[];
  /**
   * Registers an agent, with `POST /agents/register`; returns its secret. The callback URL is not tried.
   * `registered_at` is Unix milliseconds, for an agent that was there before.
   */
  register(
    id: string,
    options?: { readonly callback_url?: string; readonly registered_at?: number },
  ): Promise<string>;
  /** All a gateway needs to be this registered agent. */
  env(id: string): { readonly [name: string]: string };
  /** Sends a message as Hub takes it, over HTTP; resolves after the recipient's callback answered or failed. */
  send(message: HubSend): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Puts an entry into an inbox without a callback: an old one, a broadcast, an event. */
  put(id: string, entry: HubEntry): void;
  /** Announces an endpoint as a registered agent: an `is_announcement` entry for everybody else. */
  announce(from: string, endpoint: string): Promise<void>;
  /** What further messages of this sender carry as `priority`; the level of one never rated is `normal`. */
  rate(from: string, level: HubPriority["level"]): void;
  /** Makes an inbox unreadable: every request on it is a 500 until it is cleared with DELETE. */
  corrupt(id: string): void;
  /** Empties an inbox, as DELETE does: a corrupt one can be read again. */
  clear(id: string): void;
  /** An agent's inbox as it stands. */
  inbox(id: string): HubEntry[];
  /** Every message ever sent to an agent, or by one, oldest first. */
  messagesTo(id: string): HubEntry[];
  sentBy(id: string): HubEntry[];
  /** The first message to an agent that satisfies `matches`. */
  waitForMessageTo(id: string, matches: (entry: HubEntry) => boolean, timeoutMs?: number): Promise<HubEntry>;
  /** The next `times` requests are answered with this status. */
  failNext(times: number, status: number, options?: HubFaultOptions): void;
  /** While true, no callback reaches anybody: the sender reads `callback_status: "failed"`. */
  dropCallbacks(drop: boolean): void;
  stop(): Promise<void>;
}

/**
 * Hub on 127.0.0.1, as docs/hub.md describes it: no signatures, public callback URLs, callbacks
 * made while the sender waits. It has no WebSocket.
 */
export async function startHub(): Promise<HubDouble> {
  const store = new HubStore();
  const requests: HubCall[] = [];
  const faults: { left: number; status: number; options: HubFaultOptions }[] = [];
  let dropping = false;
  const callback = (url: string, body: unknown, timeout_ms: number) =>
    dropping
      ? Promise.resolve({ status: "failed", error: "Connection aborted." } as const)
      : callBack(url, body, timeout_ms);

  const front = new Hono<{ Bindings: HttpBindings }>();
  front.use(async (c, next) => {
    const { pathname } = new URL(c.req.url);
    const call: HubCall = {
      method: c.req.method,
      path: pathname.startsWith(`${BASE_PATH}/`) ? pathname.slice(BASE_PATH.length) : "",
      query: c.req.query(),
      headers: c.req.header(),
      body: await bodyOf(c),
      at: performance.now(),
      status: null,
    };
    requests.push(call);
    const line = `${call.method} ${call.path}`;
    const fault = faults.find((plan) => plan.left > 0 && (plan.options.only?.test(line) ?? true));
    if (fault) fault.left--;
    if (!fault || fault.options.processed) await next();
    if (fault) c.res = Response.json({ error: "bad gateway" }, { status: fault.status });
    call.status = c.res.status;
  });
  front.route(BASE_PATH, hubApp(store, callback));
  const server = await serveApp(front);
  const url = server.url + BASE_PATH;

  return {
    url,
    requests,
    async register(id, { callback_url, registered_at } = {}) {
      const { status, body } = await post(`${url}/agents/register`, { agent_id: id, callback_url });
      if (status !== 200 || typeof body.secret !== "string") throw new Error(`register ${id}: ${status}`);
      const agent = store.agent(id);
      if (agent && registered_at !== undefined) agent.registered_at = naiveTime(registered_at);
      return body.secret;
    },
    env: (id) => ({
      HUB_BASE_URL: url,
      HUB_AGENT_ID: id,
      HUB_AGENT_SECRET: store.agent(id)?.secret ?? "",
    }),
    send({ from, to, message, secret = store.agent(from)?.secret }) {
      const body = { from, message, ...(typeof secret === "string" && { secret }) };
      return post(`${url}/agents/${encodeURIComponent(to)}/message`, body);
    },
    put: (id, entry) => store.put(id, entry),
    async announce(from, endpoint) {
      const secret = store.agent(from)?.secret;
      const { status } = await post(`${url}/announce`, { from, secret, endpoint });
      if (status !== 200) throw new Error(`announce ${endpoint}: ${status}`);
    },
    rate: (from, level) => store.rate(from, level),
    corrupt: (id) => store.corrupt(id),
    clear: (id) => store.clear(id),
    inbox: (id) => store.inbox(id).map((entry) => ({ ...entry })),
    messagesTo: (id) => store.sent.filter((message) => message.to === id).map((message) => message.entry),
    sentBy: (id) => store.sent.filter((message) => message.entry.from === id).map((message) => message.entry),
    waitForMessageTo: (id, matches, timeoutMs) =>
      waitFor(
        `message to ${id}`,
        () => store.sent.find((message) => message.to === id && matches(message.entry))?.entry,
        timeoutMs,
      ),
    failNext(times, status, options = {}) {
      faults.push({ left: times, status, options });
    },
    dropCallbacks(drop) {
      dropping = drop;
    },
    stop: () => server.close(),
  };
}

async function post(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: parseObject(await response.text()) ?? {} };
}
