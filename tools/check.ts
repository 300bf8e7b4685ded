import { parseArgs } from "node:util";
import { nextRuns } from "./routes/cron.ts";
import { formatFinding } from "./routes/findings.ts";
import { defaultRoutesFile, loadRoutes } from "./routes/load.ts";

const USAGE = `usage: npm run check [-- --routes FILE] [--strict]
  --routes FILE  checks this routes file (or ROUTES_FILE=FILE; default routes.local.yaml, else routes.yaml);
                 --config FILE means the same
  --strict       fails on a warning too`;

/** How many of a job's next times are shown. */
const RUNS = 3;

/** Prints what is to be said about a routes file, one finding a line. Fails on an error, if strict on a warning too. */
function check(config: string, strict: boolean): boolean {
  const { findings, compiled } = loadRoutes(config);
  for (const finding of findings) console.log(formatFinding(finding));
  if (compiled?.cron) for (const line of nextRuns(compiled.cron, RUNS, Date.now())) console.log(line);
  const errors = findings.filter(({ level }) => level === "error").length;
  const warnings = findings.length - errors;
  const routes = compiled === null ? "" : `, routes ${compiled.hash}`;
  console.error(`${config}: ${count(errors, "error")}, ${count(warnings, "warning")}${routes}`);
  return errors === 0 && !(strict && warnings > 0);
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

try {
  const { values } = parseArgs({
    options: {
      routes: { type: "string" },
      config: { type: "string" },
      strict: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) console.log(USAGE);
  else if (!check(values.routes ?? values.config ?? defaultRoutesFile(), values.strict ?? false))
    process.exitCode = 1;
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
