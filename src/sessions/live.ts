import type { Variables } from "../env.ts";
import { log } from "../lib/log.ts";
import type { Clock } from "../lib/time.ts";
import type { LiveDelivery } from "../platforms/platform.ts";
import type { Job } from "./job.ts";

/** From an answer's first text to its first state: a shorter answer is one message, without states. */
const FIRST_STATE_MS = 250;
/** Fewer characters would only flicker. */
const FIRST_STATE_CHARACTERS = 20;
/** How often it is looked whether the first state is due. */
const LOOK_MS = 50;

/** What showing an answer while it is written stands on. */
export interface LiveTools {
  readonly env: Variables;
  readonly clock: Clock;
  /** Stores the id of the message that the answer grows in. */
  made(message_id: string): void;
}

/**
 * Makes the message in which an answer will grow, where its platform has to know at once that one comes.
 * @throws what `made` throws
 */
export async function openAnswer(
  { exchange, delivery }: Job,
  { env, made }: Pick<LiveTools, "env" | "made">,
): Promise<void> {
  if (exchange.live !== null) return;
  const message_id = await delivery.live?.open?.(exchange.message.address, env);
  if (message_id) made(message_id);
}

/**
 * An answer that is shown while it is written: the newest text wins, never two requests at once, and a platform
 * that wants a pause slows the states and nothing else. Nothing of it is stored but the message's id, once.
 */
export class LiveAnswer {
  readonly #live: LiveDelivery;
  readonly #job: Job;
  readonly #tools: LiveTools;
  readonly #over = new AbortController();
  #text = "";
  #opened: Promise<void> | null = null;
  #work: Promise<void> | null = null;

  constructor(live: LiveDelivery, job: Job, tools: LiveTools) {
    this.#live = live;
    this.#job = job;
    this.#tools = tools;
    job.exchange.shown = "";
  }

  /** Says that an answer comes, where the platform has to know at once. */
  begin(): void {
    this.#opened = this.#guarded(openAnswer(this.#job, this.#tools));
  }

  /** Takes the whole text so far; empty when another try begins, which leaves what is shown until it has some. */
  readonly update = (text: string): void => {
    this.#text = text;
    this.#work ??= this.#guarded(this.#show());
  };

  /** Ends the showing; resolves once no request is under way any more. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#opened;
    await this.#work;
  }

  #guarded(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      log("error", "live_bug", { ...this.#job.labels, detail: String(error) });
    });
  }

  async #show(): Promise<void> {
    const { clock, env, made } = this.#tools;
    const { exchange, labels } = this.#job;
    const { signal } = this.#over;
    await this.#opened;
    await clock.sleep(FIRST_STATE_MS, signal);
    while (!signal.aborted) {
      const text = this.#text;
      if (
        text === exchange.shown ||
        (text.length < FIRST_STATE_CHARACTERS && exchange.shown === "") ||
        text === ""
      ) {
        await clock.sleep(LOOK_MS, signal);
        continue;
      }
      const { address } = exchange.message;
      const result = await this.#live.show(text, address, exchange.live, env);
      if (result.kind === "failed") {
        log("info", "live_ended", { ...labels, detail: result.detail });
        return;
      }
      if (result.kind === "shown") {
        exchange.shown = text;
        if (exchange.live === null && result.message_id !== null) made(result.message_id);
      }
      await clock.sleep(Math.max(this.#live.pause_ms(address), result.after_ms ?? 0), signal);
    }
  }
}
