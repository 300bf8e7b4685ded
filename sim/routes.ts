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

/** Stands for `talaria-routes`: the simulation's own routes file. */
const routes: CompiledRoutes = compiled;
export default routes;

/**
 * Gives a run hosts of its own. Modules keep what they learn about an address for as long as the process lives,
 * and what one run has taught them must not change the next.
 */
export function giveHosts(run: string): void {
  Object.assign(routes, JSON.parse(pristine.replaceAll(".llm.test", `.${run}.llm.test`)));
}
