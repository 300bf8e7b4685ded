import type { CompiledRoutes, ResetRules } from "../../src/routing/types.ts";
import type { Report } from "./endpoint.ts";
import type { RoutesFile } from "./schema.ts";

const HISTORY_TOKENS = 8000;
const AT = 0.5;
/** The part of `history_tokens` that a conversation may come to: the rest is room for where compressing failed. */
const OF_HISTORY = 3 / 4;
const IDLE_MINUTES = 1440;
const DAILY_AT = "04:00";

/**
 * How much of a conversation is sent, and when it is compressed by itself.
 * @param context the model block's window, in tokens
 */
export function historyOf(
  { compression, history_tokens: written }: Pick<RoutesFile, "compression" | "history_tokens">,
  context: number | undefined,
): Pick<CompiledRoutes, "history_tokens" | "compression"> {
  const share = compression && context !== undefined ? Math.floor(context * (compression.at ?? AT)) : null;
  const history_tokens =
    written ?? (share === null ? HISTORY_TOKENS : Math.floor((share + (context ?? share)) / 2));
  if (!compression) return { history_tokens };
  const bound = Math.floor(history_tokens * OF_HISTORY);
  const at_tokens = share === null ? bound : written === undefined ? share : Math.min(share, bound);
  return { history_tokens, compression: { at_tokens } };
}

/** When conversations end by themselves; undefined where they do not. */
export function resetOf({ sessions }: Pick<RoutesFile, "sessions">): ResetRules | undefined {
  const {
    reset = "none",
    idle_minutes = IDLE_MINUTES,
    daily_at = DAILY_AT,
    timezone = "UTC",
  } = sessions ?? {};
  if (reset === "none") return undefined;
  const [hours = 0, minutes = 0] = daily_at.split(":").map(Number);
  return {
    ...(reset !== "daily" && { idle_ms: idle_minutes * 60_000 }),
    ...(reset !== "idle" && { daily: { at_minutes: hours * 60 + minutes, timezone } }),
  };
}

/** Finds what `sessions` and `compression` do not mean as they are written. */
export function checkSessions(
  { sessions, compression, history_tokens }: RoutesFile,
  context: number | undefined,
  report: Report,
): void {
  const reset = sessions?.reset ?? "none";
  const unused = (key: string, by: string) =>
    report("warning", ["sessions", key], `${key} has no effect without \`reset: ${by}\` or \`both\``, "key");
  if (sessions?.idle_minutes !== undefined && reset !== "idle" && reset !== "both")
    unused("idle_minutes", "idle");
  for (const key of ["daily_at", "timezone"] as const) {
    if (sessions?.[key] !== undefined && reset !== "daily" && reset !== "both") unused(key, "daily");
  }
  if (!compression) return;
  const { compression: compiled } = historyOf({ compression, history_tokens }, context);
  if (compression.at !== undefined && context === undefined) {
    report(
      "warning",
      ["compression", "at"],
      "at has no effect without `context:` in the model block: three quarters of history_tokens are the limit",
      "key",
    );
  } else if (
    context !== undefined &&
    compiled &&
    compiled.at_tokens < Math.floor(context * (compression.at ?? AT))
  ) {
    report(
      "warning",
      ["history_tokens"],
      `with this, conversations are compressed at ${compiled.at_tokens} tokens, before \`compression.at\` is reached`,
      "key",
    );
  }
}
