import { createInterface } from "node:readline";
import { COMMANDS } from "../../src/commands/all.ts";
import { findGateway } from "../connect/gateway.ts";
import type { Variables } from "../connect/options.ts";
import { ask } from "./client.ts";
import { historyFile, keep, MAX_LINES, readHistory } from "./history.ts";
import type { ChatOptions } from "./options.ts";
import { BRACKET_PASTE, type Control, PasteFilter, UNBRACKET_PASTE, written } from "./paste.ts";
import { Growing } from "./screen.ts";

interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Variables;
  readonly colour: boolean;
}

const NAMES = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases].map((one) => `/${one} `));

/** The commands that a line begins, for the Tab key. */
const completer = (line: string): [string[], string] => [NAMES.filter((name) => name.startsWith(line)), line];

/** A conversation, until its user leaves. @throws Error with a line for a person, where no gateway lets them in */
export async function talk(options: ChatOptions, { stdin, stdout, env, colour }: Terminal): Promise<void> {
  await enter(options);
  const dim = (text: string) => (colour ? `\u001b[2m${text}\u001b[0m` : text);
  const red = (text: string) => (colour ? `\u001b[31m${text}\u001b[0m` : text);
  const say = (line: string) => stdout.write(`${line}\n`);
  const left = Promise.withResolvers<null>();
  const failed = (what: string) => (error: unknown) =>
    say(red(`${what}: ${error instanceof Error ? error.message : String(error)}`));

  /** Ends the answer in hand; null while there is none. */
  let stop: (() => void) | null = null;
  const onControl = (control: Control) => {
    if (control === "end" || stop === null) left.resolve(null);
    else {
      stop();
      // The next one leaves.
      stop = null;
    }
  };
  const keys = new PasteFilter(onControl);
  const file = historyFile(env);
  const attempt = <Value>(work: () => Value): Value | undefined => {
    try {
      return work();
    } catch (error) {
      failed("What is typed is not kept")(error);
      return undefined;
    }
  };
  const history = attempt(() => readHistory(file)) ?? null;

  stdin.setRawMode(true);
  stdin.pipe(keys);
  stdout.write(BRACKET_PASTE);
  say(dim(`${options.url}, session ${options.session}. /help shows the commands; Alt-Enter begins a line;`));
  say(dim("Ctrl-C stops an answer, Ctrl-D leaves."));
  const editor = createInterface({
    input: keys,
    output: stdout,
    terminal: true,
    prompt: colour ? "\u001b[1m› \u001b[0m" : "> ",
    history: history ?? [],
    historySize: MAX_LINES,
    removeHistoryDuplicates: true,
    completer,
  });
  const lines: string[] = [];
  let onLine = () => {};
  editor.on("line", (line) => {
    keys.hold();
    lines.push(line);
    onLine();
  });
  editor.on("close", () => left.resolve(null));
  let asked = false;
  editor.on("SIGINT", () => {
    if (editor.line === "" && asked) return left.resolve(null);
    asked = editor.line === "";
    // What is written is given up.
    editor.write(null, { ctrl: true, name: "e" });
    editor.write(null, { ctrl: true, name: "u" });
    stdout.write(asked ? dim("\n(once more, or Ctrl-D, leaves)\n") : "\n");
    editor.prompt();
  });

  const next = async (): Promise<string | null> => {
    if (lines.length === 0) {
      const come = Promise.withResolvers<void>();
      onLine = come.resolve;
      editor.prompt();
      keys.release();
      await Promise.race([come.promise, left.promise]);
    }
    return lines.shift() ?? null;
  };
  const answer = async (text: string): Promise<void> => {
    const view = new Growing(stdout, colour);
    view.show("…", false);
    stop = () => void ask(options, "/stop").catch(failed("It was not stopped"));
    try {
      const { text: whole } = await ask(options, text, (grown) => view.show(grown, true));
      view.show(whole, false);
    } catch (error) {
      view.show("", false);
      failed("No answer")(error);
    }
    stop = null;
    say("");
  };

  try {
    for (let line = await next(); line !== null && !/^\/(exit|quit)\s*$/.test(line); line = await next()) {
      asked = false;
      if (line.trim() === "") continue;
      if (history !== null) attempt(() => keep(file, line ?? ""));
      const isLeft = await Promise.race([
        answer(written(line)).then(() => false),
        left.promise.then(() => true),
      ]);
      if (isLeft) break;
    }
  } finally {
    editor.close();
    stdin.setRawMode(false);
    stdout.write(`${UNBRACKET_PASTE}\n`);
  }
}

/** Sees that the gateway is there and lets us in, before anything is typed. */
async function enter({ url, token }: ChatOptions): Promise<void> {
  const gateway = await findGateway(url, token);
  if (typeof gateway === "string") {
    throw new Error(`no gateway answers at ${url} (${gateway}): npm start runs one; --url names another`);
  }
  if (gateway.platforms?.cli === "on") return;
  throw new Error(
    gateway.platforms === undefined
      ? `${url} does not take this ADMIN_TOKEN: it runs with another, or with none`
      : `${url} has no terminal: its version is ${gateway.version}`,
  );
}
