import { DurableObject } from "cloudflare:workers";
import { ask, type FloorEnv, type Question, readUpdate, send } from "./calls.ts";

interface DurableEnv extends FloorEnv {
  readonly CHATS: DurableObjectNamespace<Chat>;
}

const WATCHDOG_MS = 10_000;

/** The least a durable handler can do: the message is stored before it is acknowledged, and answered once. */
export default {
  async fetch(request, env) {
    const question = await readUpdate(request, env);
    if (question === null) return new Response(null, { status: 401 });
    await env.CHATS.getByName(String(question.chat)).accept(question);
    return new Response();
  },
} satisfies ExportedHandler<DurableEnv>;

/** One chat: inbox, transcript, one turn at a time, kept alive by its pending calls. */
export class Chat extends DurableObject<DurableEnv> {
  readonly #queue: Question[] = [];
  #armed = false;

  constructor(ctx: DurableObjectState, env: DurableEnv) {
    super(ctx, env);
    ctx.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS inbox (seq INTEGER PRIMARY KEY, delivery_id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL, message TEXT);
      CREATE TABLE IF NOT EXISTS transcript (seq INTEGER PRIMARY KEY, role TEXT NOT NULL, content TEXT NOT NULL);
    `);
  }

  async accept(question: Question): Promise<void> {
    const inserted = this.ctx.storage.sql.exec(
      "INSERT INTO inbox (delivery_id, state, message) VALUES (?, 'waiting', ?) ON CONFLICT DO NOTHING RETURNING seq",
      String(question.update_id),
      JSON.stringify(question),
    );
    if (inserted.next().done) return;
    if (!this.#armed) {
      this.#armed = true;
      this.ctx.waitUntil(this.ctx.storage.setAlarm(Date.now() + WATCHDOG_MS));
    }
    this.#queue.push(question);
    if (this.#queue.length === 1) this.ctx.waitUntil(this.#drain());
  }

  override async alarm(): Promise<void> {
    this.#armed = false;
  }

  async #drain(): Promise<void> {
    for (let question = this.#queue[0]; question; question = this.#queue[0]) {
      await this.deliver(question, await ask(question.text, this.env));
      this.#queue.shift();
    }
  }

  protected async deliver(question: Question, answer: string): Promise<void> {
    await send(question.chat, answer, this.env);
    this.finish(question, answer);
  }

  protected finish(question: Question, answer: string): void {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      sql.exec(
        "INSERT INTO transcript (role, content) VALUES ('user', ?), ('assistant', ?)",
        question.text,
        answer,
      );
      sql.exec(
        "UPDATE inbox SET state = 'done', message = NULL WHERE delivery_id = ?",
        String(question.update_id),
      );
    });
  }
}
