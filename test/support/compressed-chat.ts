import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Sql } from "../../src/lib/ports.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import type { SessionCore } from "../../src/sessions/core.ts";
import { ownersMessage, sessionOn, streamed } from "./session.ts";
import { routesWith } from "./setup.ts";
import { MemoryKv, memorySql } from "./sql.ts";

/** What a model was asked. */
export interface Asked {
  readonly url: string;
  readonly key: string | null;
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** A chat whose conversations grow past what is sent of them; every test of a file has its own. */
interface CompressedChat {
  sql: Sql;
  /** What the chat was shown. */
  texts: string[];
  /** What the model was asked, by request. */
  asked: Asked[];
  /** What a request for a summary comes to. */
  summarise: (asked: Asked, signal: AbortSignal | null | undefined) => Promise<Response>;
}

export const MODEL = {
  model: "m",
  provider: "custom",
  base_url: "https://llm.test/v1",
  api_key: "${KEY}",
  api_mode: "chat_completions",
} as const;

export function last<Item>(items: readonly Item[]): Item {
  const item = items.at(-1);
  if (item === undefined) throw new Error("there is none");
  return item;
}

export const contents = (one: Asked): string => one.messages.map(({ content }) => content).join("\n");
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** A request for a summary that is never answered. */
export const never: CompressedChat["summarise"] = (_, signal) =>
  new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));

const isForSummary = ({ messages }: Asked): boolean =>
  messages[0]?.content.startsWith("You shorten") === true;

/** The chat of each test of a file, and what is done in it. */
export function compressedChat() {
  let kv = new MemoryKv();
  const chat: CompressedChat = {
    sql: memorySql(),
    texts: [],
    asked: [],
    summarise: async () => streamed("summary"),
  };
  const turns = () => chat.asked.filter((one) => !isForSummary(one));
  const asks = () => chat.asked.filter(isForSummary);

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_795_000_000_000 });
    kv = new MemoryKv();
    let summaries = 0;
    Object.assign(chat, { sql: memorySql(), texts: [], asked: [] });
    chat.summarise = async () => streamed(`summary ${++summaries}`);
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "info").mockImplementation(() => {});
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const { text, messages, model } = JSON.parse(String(init?.body));
      if (messages === undefined) {
        if (text !== undefined) chat.texts.push(text);
        return Response.json({ ok: true, result: { message_id: chat.texts.length } });
      }
      const key = new Headers(init?.headers).get("authorization");
      const one: Asked = { url: String(url), key, model, messages };
      chat.asked.push(one);
      if (isForSummary(one)) return chat.summarise(one, init?.signal);
      return streamed(`answer ${turns().length} ${"a".repeat(150)}`);
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** A session as an object that was just started has it, on the storage of this test. */
  const start = (routes: Partial<CompiledRoutes> = {}): SessionCore =>
    sessionOn(
      { sql: chat.sql, kv },
      routesWith({
        base: MODEL,
        owners: { telegram: ["42"] },
        history_tokens: 1_500,
        compression: { at_tokens: 1_000 },
        ...routes,
      }),
      { KEY: "key-of-base" },
    );

  async function say(session: SessionCore, text: string): Promise<string> {
    const said = chat.texts.length;
    await session.accept(ownersMessage(text));
    for (let n = 0; n < 200 && chat.texts.length === said; n++) await pass(10);
    expect(chat.texts.length).toBe(said + 1);
    return last(chat.texts);
  }

  /** So many exchanges, of some 90 estimated tokens each. */
  async function talk(session: SessionCore, count: number): Promise<void> {
    for (let n = 0; n < count; n++) await say(session, `question ${turns().length + 1} ${"q".repeat(150)}`);
  }

  return { chat, turns, asks, start, say, talk };
}
