import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CompiledRoutes } from "../src/routing/types.ts";
import { formatFinding } from "../tools/routes/findings.ts";
import { loadText } from "../tools/routes/load.ts";

const { compiled, findings } = loadText(
  readFileSync(join(import.meta.dirname, "routes.yaml"), "utf8"),
  "sim/routes.yaml",
);
if (compiled === null) throw new Error(findings.map(formatFinding).join("\n"));
const pristine = JSON.stringify(compiled);
const LIVE = '"live":true';
if (!pristine.includes(LIVE)) throw new Error("sim/routes.yaml no longer says `live: true`");

/** Stands for `talaria-routes`: the simulation's own routes file. */
const routes: CompiledRoutes = compiled;
export default routes;

/**
 * Prepares the routes for a run: with hosts of its own, because modules keep what they learn about an address for as
 * long as the process lives, and what one run has taught them must not change the next.
 * @param live whether answers are shown while they are written
 */
export function prepareRoutes(run: string, live: boolean): void {
  const text = pristine.replaceAll(".llm.test", `.${run}.llm.test`).replaceAll(LIVE, `"live":${live}`);
  Object.assign(routes, JSON.parse(text));
}
