import { redact } from "./redact.ts";

export type Level = "info" | "warn" | "error";
export type Fields = { readonly [name: string]: string | number | boolean | null | undefined };

/**
 * Writes one structured log line, JSON on one line, to the Workers log.
 * Fields name what happened, never what was said: no message text, no secret.
 */
export function log(level: Level, event: string, fields: Fields = {}): void {
  console[level](redact(JSON.stringify({ level, event, ...fields })));
}
