import { DurableObject } from "cloudflare:workers";
import type { Env, RegisterObject } from "../env.ts";
import { sqlOf } from "../lib/durable.ts";
import { Register } from "./register.ts";

/** The list of sessions in a Durable Object. */
export class SessionRegister extends DurableObject<Env> implements RegisterObject {
  readonly #register: Register;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#register = new Register(sqlOf(ctx.storage), (name) => env.SESSIONS.getByName(name));
  }

  async enlist(session: string): Promise<void> {
    this.#register.enlist(session, Date.now());
  }

  sweep(): Promise<void> {
    return this.#register.sweep(Date.now());
  }
}
