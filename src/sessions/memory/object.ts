import { DurableObject } from "cloudflare:workers";
import { parts } from "#parts";
import type { Env, MemoryObject, NotesRequest, OwnerNotes } from "../../env.ts";
import { sqlOf } from "../../lib/durable.ts";

/** What is remembered of an owner, in a Durable Object; nothing where the routes file has no `memory`. */
export class Memory extends DurableObject<Env> implements MemoryObject {
  readonly #notes = parts.ownerNotes?.(sqlOf(this.ctx.storage));

  async notes(request: NotesRequest): Promise<OwnerNotes | undefined> {
    return this.#notes?.(request);
  }
}
