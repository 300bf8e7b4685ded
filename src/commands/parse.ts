/** A text that calls a command: its name in lower case, and the rest of the text. */
export interface CommandCall {
  readonly name: string;
  readonly args: string;
}

// A first word with a second "/" is a file path.
const CALL = /^\/([a-z][a-z0-9_-]*)(?:@\w+)?(?:\s+([\s\S]*))?$/i;

/**
 * Reads `/name args`, or null where the text is none. Phone keyboards turn `--` into a dash:
 * em and en dashes in the arguments are turned back.
 * @example parseCommand("/Model@a_bot fast") // { name: "model", args: "fast" }
 */
export function parseCommand(text: string): CommandCall | null {
  const found = CALL.exec(text.trim());
  if (!found?.[1]) return null;
  const args = (found[2] ?? "").replaceAll("—", "--").replaceAll("–", "-").trim();
  return { name: found[1].toLowerCase(), args };
}
