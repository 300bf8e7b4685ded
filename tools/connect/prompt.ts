import { type CANCEL_SYMBOL, isCancel, log, password, spinner } from "@clack/prompts";

/** Somebody pressed Ctrl-C or Esc. */
export class Cancelled extends Error {
  constructor() {
    super("Cancelled. What is written so far stays; npm run connect goes on from there.");
    this.name = "Cancelled";
  }
}

/** The answer of a prompt. @throws Cancelled */
export function answered<Value>(value: Value | typeof CANCEL_SYMBOL): Value {
  if (isCancel(value)) throw new Cancelled();
  return value;
}

/** Asks for a secret until `check` takes it: that gives a text to show, or throws an Error that says why not. */
export async function askSecret(
  message: string,
  check: (secret: string) => Promise<string>,
): Promise<string> {
  for (;;) {
    const validate = (text: string | undefined) => (text?.trim() ? undefined : "It cannot be empty");
    const secret = answered(await password({ message, validate })).trim();
    const wait = spinner();
    wait.start("Trying it");
    try {
      wait.stop(await check(secret));
      return secret;
    } catch (error) {
      wait.error(error instanceof Error ? error.message : String(error));
      log.message("Once more, please.");
    }
  }
}
