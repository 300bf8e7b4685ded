import { isObject } from "../lib/json.ts";
import { isSentFile, type SentFile } from "./form.ts";

/** Longest content of a message, in UTF-16 units. */
const MAX_CONTENT = 2_000;
/** Longest name of a thread, in UTF-16 units. */
const MAX_THREAD_NAME = 100;
/** Follow-ups that one interaction of a user-installed app may have outside the app's own places. */
const USER_INSTALL_FOLLOW_UPS = 5;

export interface DiscordMessage {
  readonly id: string;
  readonly channel_id: string;
  content: string;
  readonly files: readonly SentFile[];
  readonly nonce: string | undefined;
  readonly allowed_mentions: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One interaction, as Discord remembers it: what may be said under its token. */
interface Conversation {
  readonly channel_id: string;
  readonly user_install: boolean;
  /** Discord has the gateway's first response. Before that, its token is an unknown webhook. */
  answered: boolean;
  expired: boolean;
  original: DiscordMessage | null;
  readonly follow_ups: DiscordMessage[];
}

/** The messages of the double: under interaction tokens, and in channels. */
export class Channels {
  readonly #conversations = new Map<string, Conversation>();
  readonly #channels = new Map<string, DiscordMessage[]>();
  #nextId = 9_000_000_000_000_000n;

  /** Discord made an interaction; until `answer()` nothing can be said under its token. */
  open(token: string, channel_id: string, user_install: boolean): void {
    if (this.#conversations.has(token)) return;
    this.#conversations.set(token, {
      channel_id,
      user_install,
      answered: false,
      expired: false,
      original: null,
      follow_ups: [],
    });
  }

  /** The gateway's response to the interaction has arrived; only the first one counts. */
  answer(token: string, response: unknown): void {
    const conversation = this.#conversations.get(token);
    if (conversation === undefined || conversation.answered || !isObject(response)) return;
    conversation.answered = true;
    if (response.type === 4 && isObject(response.data)) {
      conversation.original = this.#message(conversation.channel_id, response.data);
    }
    // The message that holds the button: it can be edited from now on.
    if (response.type === 6) conversation.original = this.#message(conversation.channel_id, { content: "" });
    if (response.type === 5) conversation.original = this.#message(conversation.channel_id, { content: "" });
  }

  /** Fifteen minutes have passed. */
  expire(token: string): void {
    const conversation = this.#conversations.get(token);
    if (conversation) conversation.expired = true;
  }

  editOriginal(token: string, body: Record<string, unknown>): ApiAnswer {
    const found = this.#usable(token);
    if ("status" in found) return found;
    const problem = contentProblem(body);
    if (problem) return problem;
    if (found.original === null) return apiError(404, 10008, "Unknown Message");
    const { id, files } = found.original;
    const edited = this.#message(found.channel_id, body);
    // An edit keeps the files, unless it lists which.
    found.original = { ...edited, id, files: body.attachments === undefined ? files : edited.files };
    return { status: 200, body: found.original };
  }

  followUp(token: string, body: Record<string, unknown>): ApiAnswer {
    const found = this.#usable(token);
    if ("status" in found) return found;
    const problem = contentProblem(body);
    if (problem) return problem;
    if (found.user_install && found.follow_ups.length >= USER_INSTALL_FOLLOW_UPS) {
      return apiError(400, 40094, "This interaction has hit the maximum number of follow up messages");
    }
    const message = this.#message(found.channel_id, body);
    found.follow_ups.push(message);
    return { status: 200, body: message };
  }

  /** A channel message; with `enforce_nonce` a nonce that was seen gives the message it made. */
  post(channelId: string, body: Record<string, unknown>): ApiAnswer {
    const problem = contentProblem(body);
    if (problem) return problem;
    const messages = this.inChannel(channelId);
    const known = messages.find(({ nonce }) => nonce !== undefined && nonce === body.nonce);
    if (known !== undefined && body.enforce_nonce === true) return { status: 200, body: known };
    if (typeof body.nonce === "string" && body.nonce.length > 25) {
      return apiError(400, 50035, "Invalid Form Body");
    }
    const message = this.#message(channelId, body);
    this.#channels.set(channelId, [...messages, message]);
    return { status: 200, body: message };
  }

  /** A public thread of a channel: itself a channel, whose messages stand by its id. */
  startThread(parent_id: string, name: unknown): ApiAnswer {
    const fits = typeof name === "string" && name.length >= 1 && name.length <= MAX_THREAD_NAME;
    if (!fits) return apiError(400, 50035, "Invalid Form Body");
    return { status: 201, body: { id: String(this.#nextId++), type: 11, parent_id, name } };
  }

  /** What the user sees under an interaction, in order; a deferred answer that is still empty is left out. */
  under(token: string): DiscordMessage[] {
    const conversation = this.#conversations.get(token);
    if (conversation === undefined) return [];
    const { original, follow_ups } = conversation;
    const isEmpty = original === null || (original.content === "" && original.files.length === 0);
    return isEmpty ? [...follow_ups] : [original, ...follow_ups];
  }

  inChannel(channelId: string): DiscordMessage[] {
    return this.#channels.get(channelId) ?? [];
  }

  #usable(token: string): Conversation | ApiAnswer {
    const conversation = this.#conversations.get(token);
    if (conversation?.expired) return apiError(401, 50027, "Invalid Webhook Token");
    return conversation?.answered ? conversation : apiError(404, 10015, "Unknown Webhook");
  }

  #message(channelId: string, body: Record<string, unknown>): DiscordMessage {
    return {
      id: String(this.#nextId++),
      channel_id: channelId,
      content: typeof body.content === "string" ? body.content : "",
      files: filesOf(body),
      nonce: typeof body.nonce === "string" ? body.nonce : undefined,
      allowed_mentions: body.allowed_mentions,
    };
  }
}

export function apiError(status: number, code: number, message: string): ApiAnswer {
  return { status, body: { code, message } };
}

const filesOf = ({ files }: Record<string, unknown>): SentFile[] =>
  Array.isArray(files) ? files.filter(isSentFile) : [];

function contentProblem(body: Record<string, unknown>): ApiAnswer | undefined {
  const { content } = body;
  const isEmpty = content === undefined || content === "";
  if (isEmpty && filesOf(body).length === 0) return apiError(400, 50006, "Cannot send an empty message");
  const fits = isEmpty || (typeof content === "string" && content.length <= MAX_CONTENT);
  return fits ? undefined : apiError(400, 50035, "Invalid Form Body");
}
