import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { CompiledRoutes } from "../src/routing/types.ts";
import { answer } from "./routes/answer.ts";
import { withKind } from "./routes/asked.ts";
import { formatFinding } from "./routes/findings.ts";
import { defaultRoutesFile, loadRoutes } from "./routes/load.ts";
import { parseContext, parseLine, parseOverride, type Question } from "./routes/question.ts";
import { story } from "./routes/story.ts";

const USAGE = `usage: npm run explain -- [--routes FILE] [--override JSON] [--session KEY] [--json] KEY=VALUE …
       npm run explain -- [--routes FILE] [--session KEY] --stdin
                          a {"context":{…}|null,"override":{…}|null} a line
KEY is what a route's match may name. Where no source_kind is given, the platform decides the kind, or owners
that of a user_id.
--routes names the routes file (or ROUTES_FILE=FILE; default routes.local.yaml, else routes.yaml); --config too
--override takes JSON, or KEY=VALUE with commas between several: --override model=small
--session decides the side of a split; a session's key is, for example, agent:main:telegram:dm:42`;

class UsageError extends Error {}

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        routes: { type: "string" },
        config: { type: "string" },
        override: { type: "string" },
        session: { type: "string" },
        json: { type: "boolean" },
        stdin: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = read();
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (process.argv.length === 2) throw new UsageError("say what a message has: platform=telegram user_id=42");
  if (values.stdin && (positionals.length > 0 || values.override !== undefined)) {
    throw new UsageError("--stdin takes context and override from each line, not from the command line");
  }
  const file = values.routes ?? values.config ?? defaultRoutesFile();
  const loaded = loadRoutes(file);
  if (loaded.compiled === null) {
    for (const finding of loaded.findings) console.error(formatFinding(finding));
    process.exitCode = 1;
  } else if (values.stdin) {
    await answerLines(loaded.compiled, values.session);
  } else {
    const { compiled, routes } = loaded;
    const asked = ask(positionals, values.override);
    const context = asked.context && withKind(asked.context, compiled);
    const question = { ...asked, context, session: values.session };
    const told = values.json
      ? JSON.stringify(answer(compiled, question))
      : story(compiled, routes, question, file);
    console.log(told);
  }
}

function ask(words: readonly string[], override: string | undefined): Question {
  const context = parseContext(words);
  if (!context.ok) throw new UsageError(context.error);
  const parsed = parseOverride(override ?? "null");
  if (!parsed.ok) throw new UsageError(`--override: ${parsed.error}`);
  return { context: words.length === 0 ? null : context.value, override: parsed.value };
}

/** One result a line; a line that cannot be read gives `{"error":…}` and does not end the others. */
async function answerLines(compiled: CompiledRoutes, session: string | undefined): Promise<void> {
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (text.trim() === "") continue;
    const line = parseLine(text);
    console.log(
      JSON.stringify(line.ok ? answer(compiled, { ...line.value, session }) : { error: line.error }),
    );
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
