import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { isObject, parseObject } from "../lib/json.ts";
import { type Path, parseYaml } from "../routes/document.ts";

/** A block of a Hermes config: nothing in it is trusted to have a shape. */
export type Block = Readonly<Record<string, unknown>>;

/** What a Hermes home holds of a gateway. */
export interface HermesSource {
  readonly config: Block;
  /** Its env file; empty where there is none. */
  readonly env: Readonly<Record<string, string>>;
  /** Its scheduled jobs. */
  readonly jobs: readonly Block[];
}

/** Numbers that are ids: more than a double can hold. */
const ID = /(^|_)(ids?|users?|chats?|channels?|threads?|match|channel_overrides)$|_HOME_CHANNEL$/;
const isId = (path: Path): boolean => path.some((step) => typeof step === "string" && ID.test(step));

/**
 * Reads a Hermes `config.yaml`, and beside it `.env` and `cron/jobs.json`, where they are.
 * @throws Error with a line for a person where the config cannot be read.
 */
export function readHermes(path: string): HermesSource {
  const folder = dirname(path);
  const { value, problems } = parseYaml(read(path), isId);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new Error(`${path}:${problem.line}:${problem.col} ${problem.message}`);
  }
  if (!isObject(value) || value.model === undefined) {
    throw new Error(`${path} is no Hermes config: it has no \`model:\``);
  }
  const [envFile, jobsFile] = [join(folder, ".env"), join(folder, "cron/jobs.json")];
  const jobs = existsSync(jobsFile) ? parseObject(read(jobsFile))?.jobs : [];
  if (!Array.isArray(jobs)) throw new Error(`${jobsFile} holds no list of jobs`);
  return {
    config: value,
    env: existsSync(envFile) ? envOf(read(envFile)) : {},
    jobs: jobs.filter(isObject),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "it is not a file";
    throw new Error(`${path} cannot be read (${why})`);
  }
}

const envOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );

/** A block's block of this name; empty where there is none. */
export function block(of: Block, name: string): Block {
  const value = of[name];
  return isObject(value) ? value : {};
}

/** A text or a number that says something, as text. */
export function text(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).trim() || undefined;
}

/** A list of texts, or one with commas between them, as Hermes writes both. */
export function list(value: unknown): string[] {
  const items = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [value];
  return items.flatMap((item) => text(item) ?? []);
}
