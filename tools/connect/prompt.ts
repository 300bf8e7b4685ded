import { type CANCEL_SYMBOL, confirm, isCancel, log, password, spinner } from "@clack/prompts";
import type { Refusal } from "./api.ts";

/** Somebody pressed Ctrl-C or Esc. */
export class Cancelled extends Error {
  constructor() {
    super(
      "Cancelled. What is written so far stays (the lines that begin with changed); npm run connect goes on from there.",
    );
    this.name = "Cancelled";
  }
}

/** The answer of a prompt. @throws Cancelled */
export function answered<Value>(value: Value | typeof CANCEL_SYMBOL): Value {
  if (isCancel(value)) throw new Cancelled();
  return value;
}

/** What a platform says to a secret: a text to show, or why not, and whether it was asked at all. */
export type Trial = { readonly ok: true; readonly text: string } | ({ readonly ok: false } & Refusal);

/**
 * Asks for a secret until its platform takes it. Where the platform cannot be asked, the same secret is tried again,
 * or taken as it is.
 */
export async function askSecret(
  message: string,
  platform: string,
  attempt: (secret: string) => Promise<Trial>,
): Promise<string> {
  const validate = (text: string | undefined) => (text?.trim() ? undefined : "It cannot be empty");
  for (;;) {
    const secret = answered(await password({ message, validate })).trim();
    for (;;) {
      const wait = spinner();
      wait.start("Trying it");
      const trial = await attempt(secret);
      if (trial.ok) {
        wait.stop(trial.text);
        return secret;
      }
      if (trial.refused) {
        wait.error(`${platform} does not take it (${trial.detail}).`);
        log.message("Once more, please.");
        break;
      }
      wait.error(`${platform} cannot be asked (${trial.detail}): is there a network?`);
      const again = answered(await confirm({ message: "Try it again? (No: it is taken untried)" }));
      if (!again) return secret;
    }
  }
}
