import { known } from "../runtime/known.ts";
import type { Machine } from "../runtime/machine.ts";
import type { OutsideRequest, Reply } from "../runtime/outside.ts";
import type { Place } from "./places.ts";
import { type Answer, gatewayError, json, LOST, SILENCE } from "./reply.ts";
import type { Outcome, Traffic } from "./traffic.ts";

export const BOT_NAME = "talaria_test_bot";
const MAX_TEXT_UNITS = 4_096;

interface Chat {
  /** Telegram's id after the group became a supergroup. */
  migrated_to: string | null;
  blocked_until: number;
  flood_until: number;
}

/** The Bot API, as the gateway sees it. */
export class TelegramServer {
  readonly #machine: Machine;
  readonly #traffic: Traffic;
  readonly #token: string;
  readonly #chats = new Map<string, Chat>();
  /** The ids that supergroups had before, by those that they have. */
  readonly #former = new Map<string, string>();
  #messageId = 50_000;

  constructor(machine: Machine, traffic: Traffic, token: string) {
    this.#machine = machine;
    this.#traffic = traffic;
    this.#token = token;
  }

  /** A group becomes a supergroup; returns its new id. */
  migrate(id: string): string {
    const next = `-100${id.slice(1)}`;
    this.#chat(id).migrated_to = next;
    this.#former.set(next, id);
    return next;
  }

  /** The id that a place's chat has at this time. */
  chatOf({ chat }: Place): string {
    return this.#chats.get(chat)?.migrated_to ?? chat;
  }

  /** The session that a place's messages belong to at this time. */
  sessionOf(place: Place): string {
    return place.session.replace(`:${place.chat}`, `:${this.chatOf(place)}`);
  }

  serve(request: OutsideRequest): Reply {
    const [, bot, method = ""] = request.url.pathname.split("/");
    if (bot !== `bot${this.#token}`) return this.#error(401, "Unauthorized");
    const body = JSON.parse(request.body || "{}");
    if (method === "sendMessage") return this.#send(body, request);
    const { chance } = this.#machine;
    if (chance.hits(`telegram_${method}_fails`, "telegram")) {
      return chance.stream("telegram fails").pick([LOST, SILENCE, gatewayError(502), this.#flood(5)]);
    }
    if (method === "getMe") return this.#ok({ id: Number.parseInt(this.#token, 10), username: BOT_NAME });
    return this.#ok(true);
  }

  #send(body: Record<string, unknown>, request: OutsideRequest): Reply {
    const to = String(body.chat_id);
    const { loop, chance } = this.#machine;
    const chat = this.#chat(to);
    const some = chance.stream(`telegram ${to}`);
    const send = (outcome: Outcome): Reply =>
      this.#traffic.show(
        {
          at: loop.now,
          platform: "telegram",
          to: this.#former.get(to) ?? to,
          thread: body.message_thread_id === undefined ? null : String(body.message_thread_id),
          ref: refOf(body),
          text: String(body.text),
          from: request.from,
        },
        outcome,
        () => loop.now,
      );
    const no = (told: "again" | "refused", reply: Reply): Reply => send({ shown: false, told, reply });
    const unknown = (likely: number, reply: Reply): Reply =>
      send({ shown: some.chance(likely), told: "nothing", reply });
    const hits = (kind: string) => chance.hits(`telegram_${kind}`, to);

    const text = String(body.text ?? "");
    if (text === "" || text.length > MAX_TEXT_UNITS) {
      this.#machine.complain(`Telegram was sent a text of ${text.length} units`);
      return no("refused", this.#error(400, "Bad Request: message is too long"));
    }
    if (hits("lost")) return unknown(0.5, LOST);
    if (hits("silent")) return unknown(0.5, SILENCE);
    if (hits("502")) return unknown(0.3, gatewayError(502));
    if (hits("flood")) chat.flood_until = loop.now + some.spread(1_000, 60_000);
    if (hits("long_flood")) chat.flood_until = loop.now + some.spread(600_000, 8 * 3_600_000);
    if (chat.flood_until > loop.now) {
      const wait_s = Math.ceil((chat.flood_until - loop.now) / 1_000);
      return send({ shown: false, told: "again", reply: this.#flood(wait_s), wait_ms: wait_s * 1_000 });
    }
    if (hits("500")) return no("again", this.#error(500, "Internal Server Error"));
    if (hits("blocked")) chat.blocked_until = loop.now + some.spread(1_000, 86_400_000);
    if (chat.blocked_until > loop.now) {
      return no("refused", this.#error(403, "Forbidden: bot was blocked by the user"));
    }
    if (chat.migrated_to !== null) {
      const reply = this.#error(400, "Bad Request: group chat was upgraded to a supergroup chat", {
        migrate_to_chat_id: Number(chat.migrated_to),
      });
      return no("again", reply);
    }
    const named = body.message_thread_id !== undefined || body.entities !== undefined;
    if (named && hits("refuses_part")) {
      const about =
        body.message_thread_id === undefined ? "can't parse entities" : "message thread not found";
      return no("again", this.#error(400, `Bad Request: ${about}`));
    }
    const late = hits("late") ? some.spread(8_000, 60_000) : 0;
    const reply = this.#ok({ message_id: this.#messageId++, date: 0, chat: { id: Number(to) }, text });
    return send({ shown: true, told: "done", reply: { ...reply, after_ms: reply.after_ms + late } });
  }

  #chat(id: string): Chat {
    return known(this.#chats, id, () => ({ migrated_to: null, blocked_until: 0, flood_until: 0 }));
  }

  #ok(result: unknown): Answer {
    return json(this.#machine.chance, "telegram", 200, { ok: true, result });
  }

  #flood(wait_s: number): Answer {
    return this.#error(429, `Too Many Requests: retry after ${wait_s}`, { retry_after: wait_s });
  }

  #error(error_code: number, description: string, parameters?: object): Answer {
    const body = { ok: false, error_code, description, ...(parameters && { parameters }) };
    return json(this.#machine.chance, "telegram", error_code, body);
  }
}

/** The message that a sendMessage replies to. */
function refOf({ reply_parameters }: Record<string, unknown>): string | null {
  const named = typeof reply_parameters === "object" && reply_parameters !== null;
  return named && "message_id" in reply_parameters ? String(reply_parameters.message_id) : null;
}
