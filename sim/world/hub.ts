import type { Machine } from "../runtime/machine.ts";
import type { OutsideRequest, Reply } from "../runtime/outside.ts";
import { type Answer, gatewayError, json, LOST, SILENCE } from "./reply.ts";
import type { Outcome, Traffic } from "./traffic.ts";

interface Entry {
  readonly id: string;
  readonly from: string;
  readonly message: string;
  readonly timestamp: string;
  read: boolean;
}

/** Hub writes UTC without a zone, with six digits of a second. */
const naiveTime = (at: number): string => new Date(at).toISOString().replace("Z", "000");

/** The Hub server, as the gateway sees it: its own inbox, who is registered, and sending. */
export class HubServer {
  readonly #machine: Machine;
  readonly #traffic: Traffic;
  readonly #agent: string;
  readonly #secret: string;
  readonly #peers: ReadonlySet<string>;
  readonly #registered_at: string;
  readonly #inbox: Entry[] = [];
  /** Every message that was ever taken. */
  readonly #stored: (Omit<Entry, "id" | "read"> & { readonly to: string })[] = [];
  #count = 0;

  constructor(
    machine: Machine,
    traffic: Traffic,
    own: { agent: string; secret: string },
    peers: readonly string[],
  ) {
    this.#machine = machine;
    this.#traffic = traffic;
    this.#agent = own.agent;
    this.#secret = own.secret;
    this.#peers = new Set(peers);
    this.#registered_at = naiveTime(machine.loop.now - 30 * 86_400_000);
    this.#put("brain", `Hey ${own.agent} — welcome to Hub.`, `welcome-${own.agent}`);
  }

  /** Stores a message for the gateway; returns its id. */
  put(from: string, message: string): string {
    return this.#put(from, message, `${(0x5e00000000000000n + BigInt(++this.#count)).toString(16)}`).id;
  }

  /** What Hub posts to the callback URL of the gateway. */
  callback(id: string): unknown {
    return this.#inbox.find((entry) => entry.id === id);
  }

  get unread(): number {
    return this.#inbox.filter(({ read }) => !read).length;
  }

  serve(request: OutsideRequest): Reply {
    const path = request.url.pathname.replace("/oc/brain", "");
    const [, root, id = "", what, entryId = "", verb] = path.split("/").map(decodeURIComponent);
    if (root === "public") return this.#conversation(entryId);
    if (root === "agents" && id === "") return this.#directory();
    if (what === "message" && request.method === "POST") return this.#send(id, request);
    const { chance } = this.#machine;
    if (chance.hits(`hub_${what ?? "agent"}_fails`, "hub")) {
      return chance
        .stream("hub fails")
        .pick([LOST, SILENCE, gatewayError(502), this.#answer(500, { ok: false })]);
    }
    if (what === undefined) {
      if (!this.#peers.has(id)) return this.#answer(404, { ok: false, error: "agent not found" });
      return this.#answer(200, { agent_id: id, registered_at: this.#registered_at });
    }
    if (id !== this.#agent || request.headers["x-agent-secret"] !== this.#secret) {
      return this.#answer(403, { ok: false, error: "Invalid secret" });
    }
    if (verb === "read") return this.#markRead(entryId);
    const query = request.url.searchParams;
    const messages = this.#inbox.filter(({ read }) => !read || query.get("unread") !== "true");
    const listed = messages.map((entry) => ({ ...entry }));
    // Reading marks what it lists, unless it is asked not to.
    if (query.get("unread") === "true" && query.get("mark_read") !== "false") {
      for (const entry of messages) entry.read = true;
    }
    return this.#answer(200, { agent_id: id, count: listed.length, messages: listed });
  }

  /** Everybody who is registered. */
  #directory(): Reply {
    if (this.#machine.chance.hits("hub_directory_fails", "hub")) return gatewayError(502);
    const agents = [this.#agent, ...this.#peers].map((agent_id) => ({
      agent_id,
      registered_at: this.#registered_at,
    }));
    return this.#answer(200, { count: agents.length, agents });
  }

  /** What the gateway and a peer have said to each other, the newest first: Hub shows it to anyone. */
  #conversation(peer: string): Reply {
    if (this.#machine.chance.hits("hub_conversation_fails", peer)) return gatewayError(502);
    const messages = this.#stored.filter(({ to, from }) => to === peer || from === peer).toReversed();
    return this.#answer(200, { count: messages.length, messages });
  }

  #markRead(id: string): Reply {
    const entry = this.#inbox.find((candidate) => candidate.id === id);
    if (!entry) return this.#answer(404, { ok: false, error: "Message not found" });
    entry.read = true;
    return this.#answer(200, { ok: true, message_id: id, read: true });
  }

  #send(to: string, request: OutsideRequest): Reply {
    const body = JSON.parse(request.body);
    const { loop, chance } = this.#machine;
    const some = chance.stream(`hub ${to}`);
    const hits = (kind: string) => chance.hits(`hub_send_${kind}`, to);
    const send = (outcome: Outcome): Reply => {
      if (outcome.shown) this.#store(this.#agent, to, String(body.message));
      return show(outcome);
    };
    const show = (outcome: Outcome): Reply =>
      this.#traffic.show(
        {
          at: loop.now,
          platform: "hub",
          to,
          thread: null,
          ref: null,
          text: String(body.message),
          from: request.from,
        },
        outcome,
        () => loop.now,
      );
    const refuse = (status: number): Reply =>
      send({ shown: false, told: "refused", reply: this.#answer(status, { ok: false }) });
    const unknown = (reply: Reply): Reply => send({ shown: some.chance(0.5), told: "nothing", reply });
    if (body.secret !== this.#secret) return refuse(403);
    if (!this.#peers.has(to)) return refuse(404);
    if (hits("lost")) return unknown(LOST);
    if (hits("silent")) return unknown(SILENCE);
    if (hits("502")) return unknown(gatewayError(502));
    // Hub answers 500 when it cannot read the peer's inbox, and when it has stored a message and then fails.
    if (hits("500")) return unknown(this.#answer(500, { ok: false, error: "internal" }));
    if (hits("429")) {
      const wait_s = some.int(1, 30);
      const reply = { ...this.#answer(429, { ok: false }), headers: { "retry-after": String(wait_s) } };
      return send({ shown: false, told: "again", reply, wait_ms: wait_s * 1_000 });
    }
    const reply = this.#answer(200, { ok: true, message_id: `m${++this.#count}`, delivered_to_inbox: true });
    const callback = hits("slow") ? 5_000 : 0;
    return send({ shown: true, told: "done", reply: { ...reply, after_ms: reply.after_ms + callback } });
  }

  #put(from: string, message: string, id: string): Entry {
    const entry = { id, from, message, timestamp: naiveTime(this.#machine.loop.now), read: false };
    this.#inbox.push(entry);
    this.#store(from, this.#agent, message);
    return entry;
  }

  #store(from: string, to: string, message: string): void {
    this.#stored.push({ from, to, message, timestamp: naiveTime(this.#machine.loop.now) });
  }

  #answer(status: number, body: unknown): Answer {
    return json(this.#machine.chance, "hub", status, body);
  }
}
