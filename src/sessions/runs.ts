import type { Variables } from "../env.ts";
import { log } from "../lib/log.ts";
import type { Sql } from "../lib/ports.ts";
import type { InboundMessage } from "../message/message.ts";
import { PLATFORM_NAMES } from "../message/platforms.ts";
import { REMIND } from "../platforms/cron/limits.ts";
import { addressOf } from "../platforms/cron/places.ts";
import type { UsableResolution } from "../routing/resolve.ts";
import { missingSecrets } from "../routing/secrets.ts";
import type { CompiledRoutes } from "../routing/types.ts";

/** What a job's model answers when there is nothing to say. */
const SILENT = "[SILENT]";
/** In the session's `meta`: the job's last run failed, and its owner knows. */
const FAILING = "failing";

/** A run in its session. */
interface Run {
  readonly seq: number;
  readonly message: InboundMessage;
}

/** What a run's end needs of its session. Every method throws if the storage fails. */
interface RunSession {
  readonly name: string;
  readonly sql: Sql;
  readonly history: { count(): number; clear(seq: number): void };
  readonly exchanges: { move(run: Run, message: InboundMessage): void };
}

/** What a run came to, as its chat would be told. */
interface Ended {
  readonly text: string | null;
  readonly outcome: string;
  readonly said: { readonly answer: string } | null;
}

/** What of that is otherwise. */
interface Change {
  readonly text?: string | null;
  readonly said?: null;
}

/** How a session treats what the scheduler hands to it. */
export interface Runs {
  /** A job's own bundle over that of its route; undefined where it has none. */
  bundleOf(
    message: InboundMessage,
    routes: CompiledRoutes,
    env: Variables,
  ): ((resolved: UsableResolution) => UsableResolution) | undefined;
  /** What is said, and where, when a run has come to this end. @throws if the storage fails */
  end(session: RunSession, run: Run, reply: Ended): Change;
}

export const runs: Runs = {
  bundleOf({ run, source }, { cron }, env) {
    const { own } = (run && cron?.jobs.find(({ name }) => name === source.chat_id)) ?? {};
    if (!own) return undefined;
    return (resolved) => {
      const over = {
        ...resolved,
        system_prompt: own.system_prompt ?? resolved.system_prompt,
        fallbacks: own.fallbacks ?? resolved.fallbacks,
        tell_fallback: own.tell_fallback ?? resolved.tell_fallback,
      };
      const missing = own.bundle ? missingSecrets(own.bundle, env) : [];
      if (missing.length === 0) return { ...over, bundle: own.bundle ?? resolved.bundle };
      // As with a route whose secrets are not set: its own fallbacks stand in for it, and its route behind them.
      const usable = (own.fallbacks ?? []).filter((one) => missingSecrets(one, env).length === 0);
      const [bundle = resolved.bundle, ...fallbacks] = [...usable, resolved.bundle, ...resolved.fallbacks];
      const skipped = [...resolved.skipped, { layer: "job" as const, route: null, missing }];
      return { ...over, bundle, fallbacks, skipped };
    };
  },

  end(session, run, { text, outcome, said }) {
    const { source, run: about, text: asked } = run.message;
    if (!about || outcome === "stopped") return {};
    const isReminder = source.chat_id?.startsWith(REMIND) === true;
    if (outcome !== "ok")
      return { text: isReminder ? asked : tellFailure(session, run, text ?? `${outcome}.`) };
    const { sql, history } = session;
    if (isFailing(sql)) sql.all("DELETE FROM meta WHERE key = ?", FAILING);
    const keeps = about.remember === true;
    // What it remembered until the routes file said otherwise.
    if (!keeps && history.count() > 0) history.clear(run.seq);
    const isSilent = !isReminder && saysNothing(said?.answer ?? "");
    return { text: isSilent ? null : text, ...(!keeps && { said: null }) };
  },
};

const isFailing = (sql: Sql): boolean => sql.all("SELECT 1 FROM meta WHERE key = ?", FAILING).length > 0;

/** Whether the marker is the whole answer, or its first or last line. */
function saysNothing(answer: string): boolean {
  const lines = answer
    .trim()
    .split("\n")
    .map((line) => line.trim().toUpperCase());
  return lines[0] === SILENT || lines.at(-1) === SILENT;
}

/** Has a job's failure told at its owner's home, once until it works again; the log has every time. */
function tellFailure({ sql, exchanges, name }: RunSession, run: Run, why: string): string | null {
  const home = homeOf(run.message);
  if (!home || isFailing(sql)) return null;
  sql.all("INSERT INTO meta (key, value) VALUES (?, '1')", FAILING);
  exchanges.move(run, { ...run.message, ...home });
  log("info", "job_failure_told", { session: name });
  return `The job \`${run.message.source.chat_id}\` failed: ${why} The next failure is told once it has worked again.`;
}

/** Where failures of a run are told; null where there is no home. */
function homeOf({ run = {} }: InboundMessage): Pick<InboundMessage, "run" | "address"> | null {
  const via = PLATFORM_NAMES.find((name) => name === run.home_via);
  const thread = run.home_thread == null ? undefined : String(run.home_thread);
  const address = via && addressOf({ via, chat: String(run.home_chat), thread });
  return address ? { run: { ...run, via }, address } : null;
}
