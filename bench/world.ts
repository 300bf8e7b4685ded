import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { completion } from "./completion.ts";

export const TELEGRAM_SECRET = "bench-webhook-secret";
export const BOT_TOKEN = "123456:bench-bot-token-of-thirty-five-chars";
export const INFERENCE_KEY = "bench-inference-key";

const ANSWER_PREFIX = "You wrote ";
/** A message that is not answered for so long is lost. */
const LOST_AFTER_MS = 15_000;

export interface RoundOptions {
  /** The webhook. */
  readonly url: string;
  /** Tells this round's messages from every other's. */
  readonly name: string;
  /** Id of the first chat; a round's chats are nobody else's. */
  readonly first_chat: number;
  readonly chats: number;
  readonly messages: number;
}

export interface Round {
  readonly seconds: number;
  /** From sending each update to the arrival of its answer, in milliseconds, ascending. */
  readonly latencies: readonly number[];
}

interface Waiting {
  readonly chat: number;
  readonly since: number;
  answered(): void;
  lost(error: Error): void;
}

/**
 * Telegram, the endpoint and the users, as fast as they can be: the endpoint answers at once, and every chat
 * sends its next message when its last one is answered and acknowledged. A message that is answered twice,
 * wrongly or not at all ends the benchmark.
 */
export class World {
  readonly #server: Server;
  #agent = new Agent({ keepAlive: true });
  readonly #waiting = new Map<string, Waiting>();
  #updates = 0;
  #calls = 0;
  #sent = 0;
  #problem: Error | null = null;
  #latencies: number[] = [];

  constructor() {
    this.#server = createServer((incoming, response) => {
      readBody(incoming, (body) => this.#answer(incoming.url ?? "", body, response));
    });
    // A Worker that waits for its turn keeps its connections.
    this.#server.keepAliveTimeout = 0;
  }

  /** Starts on a free port; returns `host:port`. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not a TCP server");
    return `127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#agent.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Sends so many messages, each chat one at a time, and waits until all are answered. */
  async round(options: RoundOptions): Promise<Round> {
    const before = { calls: this.#calls, sent: this.#sent };
    this.#latencies = [];
    // The runtime may have closed connections that were idle while another Worker had its round.
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true });
    let next = 0;
    const start = performance.now();
    const chat = async (id: number) => {
      while (next < options.messages)
        await this.#exchange(options.url, id, `${options.name} message ${next++}`);
    };
    const watch = setInterval(() => this.#findLost(), 1_000);
    try {
      await Promise.all(Array.from({ length: options.chats }, (_, n) => chat(options.first_chat + n)));
    } finally {
      clearInterval(watch);
    }
    const seconds = (performance.now() - start) / 1_000;
    this.check();
    const calls = this.#calls - before.calls;
    const sent = this.#sent - before.sent;
    if (calls !== options.messages || sent !== options.messages) {
      throw new Error(`${options.messages} messages made ${calls} endpoint calls and ${sent} answers`);
    }
    return { seconds, latencies: this.#latencies.sort((a, b) => a - b) };
  }

  /** Fails if a webhook without the secret is taken. */
  async forge(url: string): Promise<void> {
    const status = await this.#post(url, "forged", JSON.stringify(update(1, 1, "forged")));
    if (status !== 401) throw new Error(`a forged update was answered with ${status}`);
  }

  /** Throws what has gone wrong since the last look, if anything. */
  check(): void {
    if (this.#problem) throw this.#problem;
  }

  async #exchange(url: string, chat: number, text: string): Promise<void> {
    const body = JSON.stringify(update(++this.#updates, chat, text));
    const answered = new Promise<void>((resolve, reject) => {
      this.#waiting.set(ANSWER_PREFIX + text, {
        chat,
        since: performance.now(),
        answered: resolve,
        lost: reject,
      });
    });
    await Promise.all([this.#deliver(url, body), answered]);
  }

  async #deliver(url: string, body: string): Promise<void> {
    const status = await this.#post(url, TELEGRAM_SECRET, body);
    if (status !== 200) throw new Error(`the webhook answered ${status}`);
  }

  #post(url: string, secret: string, body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-telegram-bot-api-secret-token": secret,
      };
      const outgoing = request(url, { method: "POST", headers, agent: this.#agent }, (response) => {
        response.on("end", () => resolve(response.statusCode ?? 0)).resume();
      });
      outgoing.on("error", reject).end(body);
    });
  }

  #findLost(): void {
    const before = performance.now() - LOST_AFTER_MS;
    for (const [text, { since, lost }] of this.#waiting) {
      if (since < before) lost(this.#problem ?? new Error(`no answer: ${text}`));
    }
  }

  #answer(url: string, body: string, response: ServerResponse): void {
    if (url === "/v1/chat/completions") {
      this.#calls++;
      const { messages }: { messages: { content: string }[] } = JSON.parse(body);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(completion(ANSWER_PREFIX + messages.at(-1)?.content));
    } else if (url === `/bot${BOT_TOKEN}/sendMessage`) {
      const message: { chat_id: number | string; text: string } = JSON.parse(body);
      const result = {
        message_id: ++this.#sent,
        date: 1_700_000_000,
        chat: { id: Number(message.chat_id), type: "private" },
      };
      sendJson(response, 200, { ok: true, result: { ...result, text: message.text } });
      this.#arrived(Number(message.chat_id), message.text);
    } else if (url.startsWith("/bot")) {
      sendJson(response, 200, { ok: true, result: true });
    } else {
      // KV: there are no overrides.
      response.writeHead(404).end();
    }
  }

  #arrived(chat: number, text: string): void {
    const waiting = this.#waiting.get(text);
    if (waiting?.chat !== chat) {
      this.#problem ??= new Error(`chat ${chat} got an answer that nobody waits for: ${text}`);
      return;
    }
    this.#waiting.delete(text);
    this.#latencies.push(performance.now() - waiting.since);
    waiting.answered();
  }
}

/** A private message as Telegram sends it. */
function update(update_id: number, chat: number, text: string) {
  const person = { id: chat, first_name: "Ada", username: `ada${chat}` };
  return {
    update_id,
    message: {
      message_id: update_id,
      date: Math.floor(Date.now() / 1_000),
      from: { ...person, is_bot: false, language_code: "en" },
      chat: { ...person, type: "private" },
      text,
    },
  };
}

function readBody(incoming: IncomingMessage, done: (body: string) => void): void {
  let body = "";
  incoming.setEncoding("utf8");
  incoming.on("data", (piece: string) => {
    body += piece;
  });
  incoming.on("end", () => done(body));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
