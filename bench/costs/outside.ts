import { completion } from "../completion.ts";

/** Chats with ids below this have blocked the bot. */
const FIRST_REACHABLE = 1_000_000;
export const chatId = (number: number, blocked: boolean): number =>
  blocked ? number : FIRST_REACHABLE + number;

/** What a chat was sent so far. */
export interface Heard {
  readonly sends: number;
  /** The text of the newest message. */
  readonly last: string;
}

const heard = new Map<number, Heard>();
export const heardBy = (chat: number): Heard => heard.get(chat) ?? { sends: 0, last: "" };

const encoder = new TextEncoder();

/**
 * The endpoint and the Bot API, inside the Worker; anything else does not exist. The model answers with its name
 * and as many characters as it is asked for.
 */
export async function outside(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = String(input);
  const body = JSON.parse(String(init?.body));
  if (url.endsWith("/chat/completions")) {
    const characters = Number(/^\d+/.exec(body.messages.at(-1).content)?.[0]);
    return respond(completion(`[${body.model}] ${"What is it? ".repeat(characters / 12)}`), 200);
  }
  if (!url.endsWith("/sendMessage")) return respond("", 404);
  const { chat_id, text } = body;
  const { sends } = heardBy(chat_id);
  heard.set(chat_id, { sends: sends + 1, last: text });
  const answer =
    chat_id < FIRST_REACHABLE
      ? { ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" }
      : { ok: true, result: { message_id: sends } };
  return respond(JSON.stringify(answer), answer.error_code ?? 200);
}

/** A body that is there at once: a chat of many turns runs without a pause, and its storage is written in one go. */
function respond(text: string, status: number): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(text));
      controller.close();
    },
  });
  return new Response(body, { status });
}
