import type { Machine } from "../runtime/machine.ts";
import type { OutsideRequest, Reply } from "../runtime/outside.ts";
import { gatewayError, json, LOST, SILENCE } from "./reply.ts";
import type { Outcome, Traffic } from "./traffic.ts";

const TOKEN_LIVES_MS = 15 * 60_000;
/** The first response must come within three seconds, or the token is dead. */
const ANSWER_WITHIN_MS = 3_000;
/** How long a channel remembers a nonce ("the past few minutes"). */
const NONCE_LIVES_MS = 5 * 60_000;
const FOLLOW_UPS = 5;
const MAX_CHARS = 2_000;

interface Conversation {
  readonly channel: string;
  readonly opened_at: number;
  readonly user_install: boolean;
  /** When Discord has taken the gateway's first response in; null while it has none. */
  answered_at: number | null;
  follow_ups: number;
}

/** Discord's REST API, as the gateway sees it. */
export class DiscordServer {
  readonly #machine: Machine;
  readonly #traffic: Traffic;
  readonly #conversations = new Map<string, Conversation>();
  readonly #nonces = new Map<string, { readonly at: number; readonly id: string }>();
  #messageId = 900_000;

  constructor(machine: Machine, traffic: Traffic) {
    this.#machine = machine;
    this.#traffic = traffic;
  }

  /** An interaction is on its way to the gateway. */
  open(token: string, channel: string, user_install: boolean): void {
    const opened_at = this.#machine.loop.now;
    this.#conversations.set(token, { channel, opened_at, user_install, answered_at: null, follow_ups: 0 });
  }

  /** The gateway's first response has arrived. Returns whether it came in time. */
  answered(token: string): boolean {
    const conversation = this.#conversations.get(token);
    const { now } = this.#machine.loop;
    if (!conversation || now - conversation.opened_at > ANSWER_WITHIN_MS) return false;
    const settles = this.#machine.chance.hits("discord_settles_late", conversation.channel) ? 9_000 : 0;
    conversation.answered_at ??= now + settles;
    return true;
  }

  serve(request: OutsideRequest): Reply {
    const path = request.url.pathname.replace("/api/v10", "");
    const body = JSON.parse(request.body || "{}");
    const [, kind, id = "", token = ""] = path.split("/");
    if (kind === "webhooks") {
      const conversation = this.#conversations.get(decodeURIComponent(token));
      const ref = decodeURIComponent(token);
      if (!conversation) return this.#error(404, 10015, "Unknown Webhook");
      return this.#tell(request, conversation.channel, ref, body, () =>
        this.#underToken(request.method, conversation, ref, body),
      );
    }
    if (kind === "channels") return this.#tell(request, id, null, body, () => this.#inChannel(id, body));
    return this.#error(404, 0, "404: Not Found");
  }

  /** Lets a message be shown, unless a fault comes between, and notes what came of it. */
  #tell(
    request: OutsideRequest,
    channel: string,
    ref: string | null,
    body: Record<string, unknown>,
    show: () => Outcome,
  ): Reply {
    const { loop } = this.#machine;
    return this.#traffic.show(
      {
        at: loop.now,
        platform: "discord",
        to: channel,
        thread: null,
        ref,
        text: String(body.content),
        from: request.from,
      },
      this.#fault(channel, show) ?? show(),
      () => loop.now,
    );
  }

  #fault(channel: string, show: () => Outcome): Outcome | null {
    const { chance } = this.#machine;
    const some = chance.stream(`discord ${channel}`);
    const hits = (kind: string) => chance.hits(`discord_${kind}`, channel);
    const unknown = (reply: Reply): Outcome => {
      if (some.chance(0.5)) return { shown: false, told: "nothing", reply };
      const outcome = show();
      return outcome.shown ? { ...outcome, told: "nothing", reply } : outcome;
    };
    if (hits("lost")) return unknown(LOST);
    if (hits("silent")) return unknown(SILENCE);
    if (hits("502")) return unknown(gatewayError(504));
    if (hits("500"))
      return { shown: false, told: "again", reply: this.#error(500, 0, "500: Internal Server Error") };
    if (!hits("flood")) return null;
    const wait_s = some.spread(0.3, 30);
    const reply = json(chance, "discord", 429, {
      message: "rate limited",
      retry_after: wait_s,
      global: false,
    });
    return { shown: false, told: "again", reply, wait_ms: wait_s * 1_000 };
  }

  #underToken(method: string, found: Conversation, token: string, body: Record<string, unknown>): Outcome {
    const { now } = this.#machine.loop;
    if (now - found.opened_at > TOKEN_LIVES_MS) return this.#no(401, 50027, "Invalid Webhook Token");
    if (found.answered_at === null || found.answered_at > now) {
      const reply = this.#error(404, 10015, "Unknown Webhook");
      return { shown: false, told: found.answered_at === null ? "refused" : "again", reply };
    }
    const problem = this.#problem(body);
    if (problem) return problem;
    if (method === "PATCH") return this.#shown(`original ${token}`);
    if (found.user_install && found.follow_ups >= FOLLOW_UPS) {
      return this.#no(400, 40094, "This interaction has hit the maximum number of follow up messages");
    }
    found.follow_ups++;
    return this.#shown();
  }

  #inChannel(channel: string, body: Record<string, unknown>): Outcome {
    const problem = this.#problem(body);
    if (problem) return problem;
    const { now } = this.#machine.loop;
    const nonce = `${channel} ${body.nonce}`;
    const known = body.enforce_nonce === true ? this.#nonces.get(nonce) : undefined;
    if (known !== undefined && now - known.at < NONCE_LIVES_MS) {
      return { shown: true, told: "done", slot: `nonce ${known.id}`, reply: this.#ok(known.id) };
    }
    const id = String(this.#messageId);
    this.#nonces.set(nonce, { at: now, id });
    return this.#shown(`nonce ${id}`);
  }

  #problem({ content }: Record<string, unknown>): Outcome | null {
    if (typeof content === "string" && content !== "" && content.length <= MAX_CHARS) return null;
    this.#machine.complain(`Discord was sent a content of ${String(content).length} characters`);
    return this.#no(400, 50035, "Invalid Form Body");
  }

  #shown(slot?: string): Outcome {
    const id = String(this.#messageId++);
    return { shown: true, told: "done", reply: this.#ok(id), ...(slot !== undefined && { slot }) };
  }

  #no(status: number, code: number, message: string): Outcome {
    return { shown: false, told: "refused", reply: this.#error(status, code, message) };
  }

  #ok(id: string): Reply {
    return json(this.#machine.chance, "discord", 200, { id });
  }

  #error(status: number, code: number, message: string): Reply {
    return json(this.#machine.chance, "discord", status, { code, message });
  }
}
