import type { SessionControls } from "../commands/session.ts";
import { BUSY_LINE } from "../commands/undo.ts";
import { counted } from "../commands/words.ts";
import { INFERENCE_ERRORS } from "../inference/errors.ts";
import { log } from "../lib/log.ts";
import { fail, ok } from "../lib/result.ts";
import { within } from "../lib/time.ts";
import { sessionKey } from "../message/key.ts";
import { routingContext } from "../routing/source.ts";
import type { Override } from "../routing/types.ts";
import { type Asked, ask } from "./ask.ts";
import type { Compressing, TurnsInHand } from "./compressing.ts";
import { type Entry, entry, estimateTokens, tokensOf } from "./history.ts";
import type { Job } from "./job.ts";
import { COMPRESS_AGAIN_MS, COMPRESS_MS, TYPING_AFTER_MS } from "./limits.ts";
import type { Feature, SessionPorts, SessionState } from "./state.ts";
import { addUsage } from "./store/usage.ts";
import { SummarisedHistory } from "./summarised-history.ts";
import { asSaid, fitting, olderOf, requestFor } from "./summary.ts";
import { showWorking } from "./working.ts";

const NOTHING_LINE = "There is too little here to compress: the newest answer always stays as it is.";
const NOT_OURS_LINE =
  "The endpoint that answers here remembers the conversation itself: there is nothing to compress.";
const STAYS = "The conversation stays as it was.";
const NO_SUMMARY_LINE = `The model gave no summary that is of use. ${STAYS}`;

/** Why there is no new summary: a line for whoever asked for one. Null where there is one. */
type Refusal = string | null;

export const compressing: Feature = (ports, state) => {
  const compressor = new Compressor(ports, state);
  return { compressing: compressor, history: compressor.history };
};

/** Compresses a session's conversation: by itself before a turn, or by `/compress`. */
class Compressor implements Compressing {
  readonly history: SummarisedHistory;
  readonly #state: () => SessionState;
  /** Ends what a command has begun. */
  #stop: AbortController | null = null;
  /** Unix milliseconds before which none is made by itself: the one before failed, and every turn would wait for it. */
  #notBefore = 0;

  constructor({ sql, routes }: SessionPorts, state: () => SessionState) {
    this.#state = state;
    this.history = new SummarisedHistory(sql, routes.history_tokens);
  }

  async beforeTurn(job: Job, override: Override | null, question: string, stop: AbortSignal): Promise<void> {
    const { routes, clock } = this.#state();
    const at = routes.compression?.at_tokens;
    if (at === undefined || clock.now() < this.#notBefore) return;
    const held = tokensOf(this.history.sent);
    // A long question alone is no reason to shorten what is short.
    if (held <= at / 2 || held + estimateTokens(question) <= at) return;
    try {
      const refusal = await this.#compress(job, override, "", stop);
      const isTried = refusal !== null && refusal !== NOTHING_LINE && !stop.aborted;
      if (isTried) this.#notBefore = clock.now() + COMPRESS_AGAIN_MS;
    } catch (error) {
      this.#notBefore = clock.now() + COMPRESS_AGAIN_MS;
      log("error", "compression_failed", { ...job.labels, detail: String(error) });
    }
  }

  controls(job: Job, turns: TurnsInHand): Partial<SessionControls> {
    const { seq } = job.exchange;
    return {
      compress: (focus) => this.#onCommand(job, turns.isBusyBefore(seq), focus),
      fill: ({ context }) => {
        if (context === undefined) return "";
        const share = Math.round((100 * tokensOf(this.history.sent)) / context);
        return `, about ${share} % of ${counted(context, "token")}`;
      },
      stop: () => {
        const stopped = turns.stop(job);
        this.#stop?.abort();
        return this.#stop === null ? stopped : { ...stopped, running: true };
      },
    };
  }

  async #onCommand(job: Job, isBusy: boolean, focus: string): Promise<string> {
    const { exchange, delivery } = job;
    const { override, env } = this.#state();
    // The object before this one may have ended between the summary and its answer.
    if (this.history.summary?.by !== exchange.seq) {
      if (isBusy) return BUSY_LINE;
      const stop = new AbortController();
      this.#stop = stop;
      const stopWorking = showWorking(delivery.working, exchange.message.address, env, TYPING_AFTER_MS);
      try {
        const refusal = await this.#compress(job, await override.current(), focus, stop.signal);
        if (refusal !== null) return refusal;
      } finally {
        this.#stop = null;
        stopWorking();
      }
    }
    const { summary, words } = this.history;
    return `Compressed: the conversation goes on with a summary of about ${counted(summary?.tokens ?? 0, "token")} and its newest ${counted(2 * words.length, "message")}.`;
  }

  /** @throws if the storage fails, and on a bug */
  async #compress(job: Job, override: Override | null, focus: string, stop: AbortSignal): Promise<Refusal> {
    const { history } = this;
    const { settings, routes, env, clock, sql, memory, runs } = this.#state();
    const { message, delivery_id, seq: by } = job.exchange;
    const sent = history.sent;
    const before = history.summary ? [history.summary] : [];
    const older = olderOf(history.words, tokensOf(sent));
    if (older.length === 0) return NOTHING_LINE;
    let taken = older;
    const asked = await within(
      COMPRESS_MS,
      (signal) =>
        ask(
          {
            context: routingContext(message.source, job.kind, "text"),
            override,
            settings: settings.current,
            session: sessionKey(message.source),
            delivery_id: `${delivery_id}:compress`,
            async prompt({ bundle }) {
              if (bundle.conversation === "endpoint") return fail(NOT_OURS_LINE);
              taken = fitting(older, before, bundle.context ?? routes.base.context);
              return ok(requestFor(taken, before, routes.history_tokens, focus));
            },
          },
          { routes, env, clock, signal, over: runs?.bundleOf(message, routes, env) },
        ),
      stop,
    );
    if (asked.kind === "declined") return asked.line;
    const until = taken.at(-1)?.seq ?? 0;
    const next = sent[before.length + taken.length];
    const summary = summaryOf(asked, until, tokensOf([...before, ...taken]));
    const isSame = history.sent.length === sent.length && history.sent.every((one, at) => one === sent[at]);
    const isTaken = summary !== null && next !== undefined && isSame && !stop.aborted;
    const { record } = asked;
    sql.atomically(() => {
      // What came to nothing is paid for all the same.
      if (record !== null && record.tries > 0) addUsage(sql, record, clock.now());
      if (!isTaken) return;
      memory?.flush(message.source, taken);
      history.summarise({ ...summary, by }, next.seq);
    });
    log(isTaken ? "info" : "warn", isTaken ? "compressed" : "not_compressed", {
      ...job.labels,
      ...asked.fields,
      exchanges: taken.length,
      tokens_before: tokensOf(sent),
      tokens_after: tokensOf(history.sent),
    });
    return isTaken ? null : refusalOf(asked, stop);
  }
}

/** What a whole answer, shorter than what it stands for, becomes; null where there is none. */
function summaryOf(asked: Asked, seq: number, before: number): Entry | null {
  if (asked.kind !== "answer" || asked.fields.finish !== "stop") return null;
  const summary = entry({ seq, ...asSaid(asked.text.trim()) });
  return summary.tokens < before ? summary : null;
}

function refusalOf(asked: Asked, stop: AbortSignal): string {
  if (stop.aborted) return `${INFERENCE_ERRORS.aborted.line} ${STAYS}`;
  if (asked.kind !== "error") return NO_SUMMARY_LINE;
  const { line } = asked.reason === "aborted" ? INFERENCE_ERRORS.timeout : asked;
  return `${line} ${STAYS}`;
}
