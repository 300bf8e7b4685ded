import { stripVTControlCharacters } from "node:util";
import { spawn } from "@lydell/node-pty";
import { waitFor } from "../../../tools/lib/wait.ts";

/** A program in a pseudo-terminal, and somebody who reads and types. */
export interface Terminal {
  /** All that was shown so far, without colours and cursor movements. */
  shown(): string;
  /** The same with them. */
  raw(): string;
  /** Waits until something that was shown since the last answer matches; gives the match. */
  sees(what: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Waits for a question, and types an answer and Enter. */
  answers(question: RegExp, text: string, timeoutMs?: number): Promise<void>;
  /** Types these characters as they are. */
  types(text: string): void;
  readonly exited: Promise<number>;
  kill(): void;
}

export const ENTER = "\r";

/** Runs a Node program in a terminal of its own. */
export function openTerminal(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Terminal {
  const terminal = spawn(process.execPath, [...args], {
    cols: 160,
    rows: 50,
    cwd: options.cwd,
    env: { ...options.env, TERM: "xterm-256color" },
  });
  let raw = "";
  let read = 0;
  let code: number | undefined;
  terminal.onData((text) => {
    raw += text;
  });
  const exited = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      code = exitCode;
      resolve(exitCode);
    });
  });
  const shown = () => stripVTControlCharacters(raw);
  const sees = (what: RegExp, timeoutMs = 20_000) =>
    waitFor(
      `${what} in the terminal`,
      () => {
        const found = what.exec(shown().slice(read));
        if (found === null && code !== undefined) {
          throw new Error(`it ended with ${code} before it showed ${what}:\n${shown()}`);
        }
        return found;
      },
      timeoutMs,
    );
  return {
    shown,
    raw: () => raw,
    sees,
    async answers(question, text, timeoutMs) {
      await sees(question, timeoutMs);
      read = shown().length;
      terminal.write(text + ENTER);
    },
    types: (text) => terminal.write(text),
    exited,
    kill: () => terminal.kill(),
  };
}
