import type { Variables } from "../env.ts";
import type { SourceKind } from "../message/platforms.ts";
import type { Source } from "../message/source.ts";
import type { StoredOverride } from "../routing/override.ts";
import type { UsableResolution } from "../routing/resolve.ts";
import { missingSecrets } from "../routing/secrets.ts";
import type { Resolution, RouteRef } from "../routing/types.ts";
import { nearest } from "../text/nearest.ts";

/** Tokens and the like, with thin spaces between thousands: readable in every locale. */
export const digits = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** @example counted(2, "message") // "2 messages" */
export const counted = (count: number, unit: string): string =>
  `${digits(count)} ${unit}${count === 1 ? "" : "s"}`;

/** A hint, with a space before it, at what a mistyped name may mean; empty where nothing is close. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const close = nearest(name, known);
  return close === null ? "" : ` Did you mean \`${close}\`?`;
}

/**
 * A time of day; another day's with its date.
 * @param at ISO 8601, in UTC
 * @param now Unix milliseconds
 * @example timeInWords("2026-11-24T06:39:12.000Z", Date.UTC(2026, 10, 24)) // "06:39 UTC"
 */
export function timeInWords(at: string, now: number): string {
  const today = at.startsWith(new Date(now).toISOString().slice(0, 10));
  return `${today ? "" : `${at.slice(0, 10)} `}${at.slice(11, 16)} UTC`;
}

/** @example elapsedInWords(200_000) // "3 min" */
export function elapsedInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A route by its name; where it stands in the routes file concerns its owner alone. */
export function routeInWords(route: RouteRef | null, kind: SourceKind): string {
  if (route === null) return "the default";
  const { name, from, index, line } = route;
  const label = name === undefined ? `${from}[${index}]` : `route "${name}"`;
  if (kind === "owner") return `${label} (line ${line})`;
  return name === undefined ? "a route" : label;
}

/** The model and, once, why it is this one. */
export function modelInWords(
  { bundle, fields, route }: Resolution,
  override: StoredOverride | null,
  kind: SourceKind,
  now: number,
): string {
  const model = `${bundle.model} (${bundle.provider})`;
  if (fields.model !== "override")
    return `${model}, ${fields.model === "route" ? `by ${routeInWords(route, kind)}` : "the default"}`;
  const since = override?.set_at ? ` at ${timeInWords(override.set_at, now)}` : "";
  return `${model}, chosen here with /model${since}`;
}

/** What cannot be used because its secret is not set, a line each. */
export function unusableInWords(
  { bundle, skipped }: UsableResolution,
  kind: SourceKind,
  env: Variables,
): string[] {
  // Which secret is missing concerns the operator, not a stranger.
  const why = (missing: readonly string[]) =>
    kind === "owner" ? `its secret ${missing.join(", ")} is not set` : "it is not set up";
  const lines = skipped.map(({ layer, route, missing }) => {
    const what =
      layer === "override" ? "This chat's /model choice" : `The model of ${routeInWords(route, kind)}`;
    return `${what} cannot be used: ${why(missing)}. ${bundle.model} answers instead.`;
  });
  const missing = missingSecrets(bundle, env);
  return missing.length > 0 ? [...lines, `${bundle.model} cannot answer: ${why(missing)}.`] : lines;
}

/** A sender's kind and id, so that one finds one's own for `owners`. */
export const personInWords = (kind: SourceKind, { platform, user_id }: Source): string =>
  `${kind} (${[platform, user_id].filter(Boolean).join(" ")})`;

/** Whom a session's settings are for, where that is not one person alone: empty in a direct chat. */
export function whomInWords({ chat_type, thread_id }: Source): string {
  if (chat_type === "dm") return "";
  return thread_id ? " for everybody in this thread" : " for you in this chat";
}

/** Somebody's words within an answer: on one line, and as they are, whatever Markdown they hold. */
export const verbatim = (text: string): string =>
  `\`${text.replaceAll("`", "'").replace(/\s+/g, " ").trim()}\``;

/** That there is none of this name, and which name was meant. */
export function unknownInWords(what: string, name: string, known: readonly string[]): string {
  const close = nearest(name, known);
  return `There is no ${what} ${verbatim(name)} here.${close === null ? "" : ` Did you mean ${verbatim(close)}?`}`;
}
