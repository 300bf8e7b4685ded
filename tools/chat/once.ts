import { ask } from "./client.ts";
import type { ChatOptions } from "./options.ts";
import { rowsOf } from "./styled.ts";

/** The prompt: a given text, and what is piped in below it. */
export async function promptOf(once: string | null, input: NodeJS.ReadStream): Promise<string> {
  const pieces: Buffer[] = [];
  if (!input.isTTY) for await (const piece of input) pieces.push(piece);
  const piped = Buffer.concat(pieces).toString("utf8").trimEnd();
  return [once ?? "", piped].filter((text) => text !== "").join("\n\n");
}

/**
 * Asks once and prints the answer, and nothing else: into a pipe as it is, in a terminal as a terminal shows it.
 * @throws Error with a line for a person, where there is no answer
 */
export async function askOnce(
  options: ChatOptions,
  prompt: string,
  output: NodeJS.WriteStream,
  colour: boolean,
): Promise<void> {
  if (prompt.trim() === "") throw new Error("there is nothing to ask: the text is empty");
  const { outcome, text } = await ask(options, prompt);
  if (outcome !== "ok" && outcome !== "command") throw new Error(text.replaceAll(/\s+/g, " ") || outcome);
  const shown = output.isTTY ? rowsOf(text, false, output.columns, colour).join("\n") : text;
  await new Promise<void>((resolve, reject) => {
    output.write(`${shown}\n`, (error) => (error ? reject(error) : resolve()));
  });
}
