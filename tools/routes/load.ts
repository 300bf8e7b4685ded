import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { cronOf } from "./cron.ts";
import { type Path, parseYaml, type YamlDocument } from "./document.ts";
import { baseOf, compile, type DraftRoute, draftRoutes, modelBlock } from "./draft.ts";
import type { Report } from "./endpoint.ts";
import { type Finding, type FindingLevel, hasErrors, sortFindings } from "./findings.ts";
import { isHermesConfig } from "./hermes-config.ts";
import { schemaErrors } from "./issues.ts";
import { lint } from "./lint.ts";
import { checkWidth, lintMatches } from "./matches.ts";
import { prune } from "./prune.ts";
import { routesFile } from "./schema.ts";
import { lintSurroundings } from "./surroundings.ts";

export interface LoadedRoutes {
  /** In the order of the file. */
  readonly findings: readonly Finding[];
  /** Null if there is an error among the findings. */
  readonly compiled: CompiledRoutes | null;
  /** The routes in first-match order, as they are written. */
  readonly routes: readonly DraftRoute[];
}

/** A person's own routes file, which git ignores, and the one that is shipped. */
const OWN = "routes.local.yaml";
const SHIPPED = "routes.yaml";

/** The routes file of a checkout: the one that `ROUTES_FILE` names, else a person's own, else the shipped one. */
export const findRoutesFile = (env: Readonly<Record<string, string | undefined>>, root: string): string =>
  env.ROUTES_FILE || (existsSync(resolve(root, OWN)) ? OWN : SHIPPED);

/** The routes file that a tool works on when none is named; tools run in the checkout. */
export const defaultRoutesFile = (): string => findRoutesFile(process.env, ".");

/** Reads, checks and compiles a routes file. Never throws for what stands in it, or for its absence. */
export function loadRoutes(file: string): LoadedRoutes {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "it is not a file";
    const message = why === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "is not UTF-8" : `cannot be read (${why})`;
    return failed([{ file, line: 1, col: 1, level: "error", message: `this file ${message}` }]);
  }
  return loadText(text, file, lintSurroundings);
}

/**
 * The same for the text of a routes file; `file` is what the findings call it. `surroundings` looks at what a
 * file of this checkout lacks outside itself.
 * @example loadText("model: { defualt: m }", "routes.yaml").findings[0]?.message // unknown key "defualt"; did you …
 */
export function loadText(text: string, file: string, surroundings?: typeof lintSurroundings): LoadedRoutes {
  const findings: Finding[] = [];
  const document = parseYaml(text, isText);
  const note = (level: FindingLevel, message: string, at: { line: number; col: number }) =>
    findings.push({ file, line: at.line, col: at.col, level, message });
  const report: Report = (level, path, message, part = "value") =>
    note(level, message, document.at(path, part));
  for (const problem of document.problems) note("error", problem.message, problem);
  if (document.value === undefined) return failed(findings);
  if (document.value === null) {
    report("error", [], "the file is empty: it needs at least `model:`");
    return failed(findings);
  }
  const loaded = build(document, report, surroundings);
  const sorted = sortFindings(findings);
  if (loaded === null || hasErrors(sorted)) return failed(sorted);
  return { findings: sorted, ...loaded };
}

/** Checks the document's content; null if too little of it is sound to compile. */
function build(
  document: YamlDocument,
  report: Report,
  surroundings?: typeof lintSurroundings,
): Omit<LoadedRoutes, "findings"> | null {
  if (isHermesConfig(document.value)) {
    const message =
      "this is a whole Hermes config, not a routes file: npm run import -- FILE makes one of it";
    report("error", [], message);
    return null;
  }
  const whole = routesFile.safeParse(document.value);
  const errors = whole.success ? [] : schemaErrors(whole.error.issues, document.value);
  for (const { path, message, part } of errors) report("error", path, message, part);
  // What is sound is still checked, so that one run tells all there is to repair.
  const { value, indexes } = prune(document.value, errors);
  const { data: sound } = whole.success ? whole : routesFile.safeParse(value);
  if (sound === undefined) return null;
  const block = modelBlock(sound);
  const base = baseOf(block);
  const routes = draftRoutes(block, base, indexes, document).filter((route) => checkWidth(route, report));
  // Where the schema found an error already, nothing follows from the value that is missing.
  const faulted = new Set(errors.map(({ path }) => path.join()));
  const note: Report = (level, path, ...rest) => {
    if (!faulted.has(path.join())) report(level, path, ...rest);
  };
  lint(sound, base, routes, note);
  const compiled = compile(sound, base, routes);
  const content = { ...compiled, ...cronOf(sound, compiled, note) };
  lintMatches(routes, content, report);
  surroundings?.(sound, content, routes, report);
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);
  return { compiled: { hash, ...content }, routes };
}

/** Where a number means the digits as written: ids, and names of models. */
function isText(path: Path): boolean {
  const [top, second, third, fourth] = path;
  const last = path.at(-1);
  // Weights and prices are numbers, whatever the model that they belong to is called.
  if (top === "prices" || (top === "model" && fourth === "split") || path.includes("extra_body"))
    return false;
  return (
    top === "owners" ||
    top === "homes" ||
    (top === "access" && second === "allowed") ||
    (top === "groups" && path.length === 3) ||
    path.includes("match") ||
    last === "model" ||
    last === "default" ||
    (top === "models" && path.length === 2) ||
    (second === "platforms" && third === last)
  );
}

const failed = (findings: readonly Finding[]): LoadedRoutes => ({
  findings: sortFindings(findings),
  compiled: null,
  routes: [],
});
