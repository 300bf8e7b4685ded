import { parseObject } from "./json.ts";

/** One structured line of the Worker's `log()`. */
export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What a line of `wrangler dev` is: a line of the Worker's log, wrangler's own chatter, or anything else. */
export type OutputLine =
  | { readonly kind: "log"; readonly line: LogLine }
  | { readonly kind: "chatter" }
  | { readonly kind: "other"; readonly text: string };

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Reads one line; wrangler decorates what the Worker writes with `console.warn` and `console.error`. */
export function readOutput(raw: string): OutputLine {
  const text = raw.replace(COLOUR, "").trim();
  const start = text.indexOf('{"level":');
  const fields = start === -1 ? undefined : parseObject(text.slice(start));
  if (fields !== undefined) {
    const { level, event } = fields;
    if (typeof level === "string" && typeof event === "string") {
      return { kind: "log", line: { ...fields, level, event } };
    }
  }
  if (text === "" || CHATTER.some((pattern) => pattern.test(text))) return { kind: "chatter" };
  return { kind: "other", text };
}

/** What wrangler says while all is well. */
const CHATTER: readonly RegExp[] = [
  /^\[wrangler:info\]/,
  /^\[custom build\]/,
  /^⎔ /,
  /^⛅️ wrangler/,
  /^[─╭╰│]/,
  /^Using secrets defined in /,
  /^Your Worker has access to the following bindings/,
  /^Binding\s+Resource/,
  /^env\.\S+ /,
  /Scheduled Workers are not automatically triggered/,
  /^To manually trigger a scheduled event/,
  /^curl "http/,
  /^For more details, see /,
];
