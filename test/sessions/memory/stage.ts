import { vi } from "vitest";
import type { NotesRequest, Scheduling } from "../../../src/env.ts";
import type { Sql } from "../../../src/lib/ports.ts";
import { systemClock } from "../../../src/lib/time.ts";
import { sessionKey } from "../../../src/message/key.ts";
import type { InboundMessage } from "../../../src/message/message.ts";
import type { Source } from "../../../src/message/source.ts";
import type { CompiledRoutes } from "../../../src/routing/types.ts";
import { SessionCore } from "../../../src/sessions/core.ts";
import { FEATURES } from "../../../src/sessions/features.ts";
import { deaf } from "../../../src/sessions/listener.ts";
import { memoryOf } from "../../../src/sessions/memory/memory.ts";
import { ownerNotes } from "../../../src/sessions/memory/owner-notes.ts";
import { routesWith, unscheduled } from "../../support/setup.ts";
import { MemoryKv, memorySql } from "../../support/sql.ts";

interface Asked {
  readonly system: string;
  /** The last message. */
  readonly text: string;
}

/** Sessions of one gateway with `memory`, their owners' memories, and an endpoint that takes notes. */
export class Stage {
  /** What turns asked the model, and what flushes did. */
  readonly turns: Asked[] = [];
  readonly flushes: Asked[] = [];
  /** What the chats were shown. */
  readonly texts: string[] = [];
  readonly logs: string[] = [];
  /** Rows of `meta` written by sessions. */
  written = 0;
  /** What a flush is answered with; it may wait, or throw for an endpoint that fails. */
  notes: (asked: Asked) => Promise<string> = async () => "<chat></chat>";
  /** Called before each request of an owner's memory. */
  beforeOwner: (name: string, request: NotesRequest) => Promise<void> = async () => {};
  /** Called before its answer. */
  afterOwner: (request: NotesRequest) => Promise<void> = async () => {};
  /** The scheduler, where a test has one. */
  scheduler: () => Scheduling = unscheduled;
  readonly kv = new MemoryKv();
  #routes: CompiledRoutes;
  readonly #storage = new Map<string, Sql>();
  readonly #owners = new Map<string, ReturnType<typeof ownerNotes>>();
  readonly #living = new Map<string, number>();
  #deliveries = 0;

  constructor(routes: Partial<CompiledRoutes> = {}) {
    const base = { model: "m", provider: "custom", base_url: "https://llm.test/v1", api_key: null } as const;
    this.#routes = routesWith({
      base: { ...base, api_mode: "chat_completions" },
      owners: { telegram: ["42"], discord: ["1"] },
      access: { strangers: "answer", hub_peers: "answer", commands: {} },
      memory: true,
      ...routes,
    });
    for (const level of ["info", "warn", "error"] as const)
      vi.spyOn(console, level).mockImplementation((line) => void this.logs.push(String(line)));
    vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => this.#answer(init));
  }

  /** What starts from here on has these routes. */
  deploy(routes: Partial<CompiledRoutes>): void {
    this.#routes = { ...this.#routes, ...routes };
  }

  /** A session as an object that was just started has it. The one before it is ended. */
  session(source: Source): SessionCore {
    const name = sessionKey(source);
    const life = (this.#living.get(name) ?? 0) + 1;
    this.#living.set(name, life);
    const memory = this.sqlOf(name);
    const sql: Sql = {
      ...memory,
      all: (query, ...values) => {
        if (this.#living.get(name) !== life) throw new Error("this object has ended");
        if (/^INSERT INTO meta/.test(query)) this.written++;
        return memory.all(query, ...values);
      },
      bytes: 0,
    };
    return new SessionCore({
      name,
      sql,
      alarm: { set: () => {}, clear: () => {} },
      lifetime: { keepAlive: () => {}, end: () => {} },
      clock: systemClock,
      kv: this.kv,
      routes: this.#routes,
      env: {
        TELEGRAM_BOT_TOKEN: "1:test-token-that-is-no-secret-000000",
        HUB_BASE_URL: "https://hub.test",
        HUB_AGENT_ID: "talaria",
        HUB_AGENT_SECRET: "hub-secret",
      },
      hear: null,
      features: FEATURES,
      runs: null,
      scheduler: () => this.scheduler(),
      overheard: deaf(sql),
      roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
      enlist: async () => {},
      conversationOf: async (session) => this.#other(session).conversation(),
      settingsOf: async (session) => this.#other(session).settings(),
      openMemory: memoryOf((owner) => ({
        notes: async (request) => {
          await this.beforeOwner(owner, request);
          const notes = this.owner(owner)(structuredClone(request));
          await this.afterOwner(request);
          return notes;
        },
      })),
    });
  }

  /** An owner's memory. */
  owner(name = "owner"): ReturnType<typeof ownerNotes> {
    const notes = this.#owners.get(name) ?? ownerNotes(memorySql());
    this.#owners.set(name, notes);
    return notes;
  }

  sqlOf(session: string): Sql {
    const sql = this.#storage.get(session) ?? memorySql();
    this.#storage.set(session, sql);
    return sql;
  }

  /** Says something and waits until it is answered. */
  async say(session: SessionCore, source: Source, text: string): Promise<string> {
    const before = this.texts.length;
    await session.accept(this.message(source, text));
    await vi.waitFor(() => {
      if (this.texts.length === before) throw new Error(`no answer to ${text}`);
    });
    return this.texts.at(-1) ?? "";
  }

  message(source: Source, text: string): InboundMessage {
    const delivery_id = `telegram:1:${++this.#deliveries}`;
    const address =
      source.platform === "hub"
        ? { peer: "eve", asked_at: null }
        : { chat_id: 42, message_thread_id: null, reply_to_message_id: null };
    return { delivery_id, source, text, address, received_at: Date.now() };
  }

  #other(session: string): SessionCore {
    const [, , platform, chat_type, chat_id = "", user_id] = session.split(":");
    return this.session({ platform, chat_type, chat_id, user_id } as Source);
  }

  async #answer(init?: RequestInit): Promise<Response> {
    const { text, messages } = JSON.parse(String(init?.body ?? "{}"));
    if (messages === undefined) {
      if (text !== undefined) this.texts.push(text);
      // What Telegram says to a message, and what Hub says of an agent and to a message.
      const result = { message_id: this.texts.length };
      return Response.json({ ok: true, result, agent_id: "eve", message_id: "m" });
    }
    const system = messages[0].role === "system" ? messages[0].content : "";
    const asked = { system, text: messages.at(-1).content };
    const isFlush = system.startsWith("You keep the memory");
    (isFlush ? this.flushes : this.turns).push(asked);
    let content = `answer ${this.turns.length}`;
    try {
      if (isFlush) content = await this.notes(asked);
    } catch {
      return Response.json({ error: { message: "no" } }, { status: 400 });
    }
    const choice = { delta: { content }, finish_reason: "stop" };
    const usage = { prompt_tokens: 100, completion_tokens: 10 };
    return new Response(`data: ${JSON.stringify({ choices: [choice], usage })}\n\ndata: [DONE]\n\n`, {
      headers: { "content-type": "text/event-stream" },
    });
  }
}

export const OWNER: Source = { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" };
export const STRANGER: Source = { platform: "telegram", chat_type: "dm", chat_id: "77", user_id: "77" };
