import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Variables } from "../connect/options.ts";

/** Lines that are offered again, and that the file may have before it is made shorter. */
export const MAX_LINES = 1_000;
const MAX_STORED = 2_000;

/** Where what was typed is kept: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function historyFile(env: Variables, platform: NodeJS.Platform = process.platform): string {
  const state =
    env.XDG_STATE_HOME ||
    (platform === "win32" ? env.LOCALAPPDATA : undefined) ||
    join(env.HOME || homedir(), ".local/state");
  return join(state, "talaria", "chat-history");
}

/** What was typed before, newest first. @throws Error if the file cannot be read */
export function readHistory(file: string): string[] {
  const lines = linesOf(file);
  if (lines.length > MAX_STORED) write(file, lines.slice(-MAX_LINES), "w");
  return lines.slice(-MAX_LINES).toReversed();
}

/** Keeps what was typed, for nobody else to read. @throws Error if the file cannot be written */
export const keep = (file: string, line: string): void => write(file, [line], "a");

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function write(file: string, lines: readonly string[], flag: "a" | "w"): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = lines.map((line) => `${line}\n`).join("");
  if (flag === "a") appendFileSync(file, text, { mode: 0o600 });
  else writeFileSync(file, text, { mode: 0o600 });
}
