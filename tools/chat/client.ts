import { randomUUID } from "node:crypto";
import { createParser } from "eventsource-parser";
import * as z from "zod";
import { pause } from "../lib/wait.ts";
import type { ChatOptions } from "./options.ts";

const POST_TIMEOUT_MS = 30_000;
const POST_TRIES = 3;
/** The gateway says something every 15 s. */
const SILENCE_MS = 40_000;
/** How long a lost connection is taken up again, and how often. */
const LOST_MS = 60_000;
const AGAIN_MS = 500;

const Event = z.union([
  z.object({ at: z.int(), text: z.string() }),
  z.object({ outcome: z.string(), text: z.string() }),
]);
const Refusal = z.object({ error: z.string() });

/** An answer that is over. */
export interface Answer {
  readonly text: string;
  /** `ok` or `command`; else why there is none, which the text tells. */
  readonly outcome: string;
}

/** What a gateway will not do, with a line for a person; trying again would not help. */
export class Refused extends Error {}

type Gateway = Pick<ChatOptions, "url" | "token" | "session">;

/**
 * Sends a message and follows its answer to the end, over a lost connection too.
 * @param grows takes the text so far, as often as there is more of it
 * @throws Error with a line for a person, where there is no answer to be had
 */
export async function ask(
  gateway: Gateway,
  text: string,
  grows: (text: string) => void = () => {},
): Promise<Answer> {
  const delivery_id = randomUUID();
  await post(gateway, { session: gateway.session, delivery_id, text });
  let lost: number | null = null;
  for (;;) {
    let heard = false;
    const hears = (grown: string) => {
      heard = true;
      grows(grown);
    };
    try {
      const answer = await followOnce(gateway, delivery_id, hears);
      if (answer !== null) return answer;
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    const now = Date.now();
    if (heard || lost === null) lost = now;
    if (now - lost > LOST_MS) {
      throw new Error(`the connection to ${gateway.url} is lost; the gateway goes on with the answer`);
    }
    await pause(AGAIN_MS);
  }
}

/** Has the gateway take a message; it takes each once, however often it is sent. */
async function post(gateway: Gateway, message: object): Promise<void> {
  for (let tries = 1; ; tries++) {
    const response = await request(gateway, "", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    }).catch((error: unknown) => whyOf(error));
    if (response instanceof Response && response.ok) {
      await response.body?.cancel();
      return;
    }
    if (response instanceof Response && response.status < 500)
      throw new Refused(await lineFor(response, gateway));
    if (tries === POST_TRIES) {
      throw new Error(
        typeof response === "string"
          ? `no gateway answers at ${gateway.url} (${response}): npm start runs one; --url names another`
          : await lineFor(response, gateway),
      );
    }
    await pause(AGAIN_MS);
  }
}

/** Follows until the answer is over, or the connection ends: then null. */
async function followOnce(
  gateway: Gateway,
  delivery_id: string,
  grows: (text: string) => void,
): Promise<Answer | null> {
  const query = new URLSearchParams({ session: gateway.session, delivery_id });
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await request(gateway, `?${query}`, { signal: silence.signal });
    if (!response.ok) {
      const line = await lineFor(response, gateway);
      throw response.status < 500 ? new Refused(line) : new Error(line);
    }
    let text = "";
    let answer: Answer | null = null;
    const parser = createParser({
      onEvent({ data }) {
        const event = Event.parse(JSON.parse(data));
        if ("outcome" in event) answer = event;
        else {
          text = text.slice(0, event.at) + event.text;
          grows(text);
        }
      },
    });
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      parser.feed(decoder.decode(bytes, { stream: true }));
      if (answer !== null) break;
    }
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

const request = ({ url, token }: Gateway, query: string, init: RequestInit): Promise<Response> =>
  fetch(`${url}/webhooks/cli${query}`, {
    ...init,
    // A redirect would take the token along.
    redirect: "manual",
    headers: { ...init.headers, authorization: `Bearer ${token}` },
  });

async function lineFor(response: Response, { url }: Gateway): Promise<string> {
  const refusal = Refusal.safeParse(await response.json().catch(() => null));
  const detail = refusal.success ? refusal.data.error : "not a gateway's answer";
  switch (response.status) {
    case 401:
      return `${url} does not take this ADMIN_TOKEN: it runs with another (environment and .dev.vars are looked at)`;
    case 404:
      return `${url} has no terminal (${detail}): set ADMIN_TOKEN there, or see that it is a gateway's address`;
    default:
      return `${url} answers ${response.status}: ${detail}`;
  }
}

/** Why a request failed: Node hides that behind "fetch failed". */
function whyOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && "code" in cause && cause.code ? String(cause.code) : String(cause);
}
