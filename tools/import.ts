import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { importHermes } from "./hermes/import.ts";
import { readHermes } from "./hermes/source.ts";
import { formatFinding } from "./routes/findings.ts";

const USAGE = `usage: npm run import -- PATH [--out FILE] [--force]
  PATH         a Hermes config.yaml; .env and cron/jobs.json beside it are read too
  --out FILE   the routes file to write (default routes.local.yaml)
  --force      replaces it where there is one`;

/** Writes a routes file, and says which secrets it needs and what was not carried over. */
function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: "string" }, force: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw new Error(USAGE);
  const out = values.out ?? "routes.local.yaml";
  if (existsSync(out) && !values.force) throw new Error(`${out} is there already; --force replaces it`);
  const { text, secrets, left, findings } = importHermes(readHermes(path), out);
  writeFileSync(out, text);
  console.log(`${out} is written.`);
  if (secrets.length > 0) {
    console.log("\nSecrets to set, in .dev.vars for this machine or with `npx wrangler secret put NAME`:");
    for (const name of secrets) console.log(`  ${name}`);
  }
  if (left.length > 0) {
    console.log("\nNot carried over:");
    for (const line of left) console.log(`  ${line}`);
  }
  if (findings.length > 0) {
    console.log("\nWhat is left to do, as `npm run check` says it:");
    for (const finding of findings) console.log(`  ${formatFinding(finding)}`);
  }
  console.log("\nNext: npm run connect asks for these secrets and tries them, and registers the webhooks.");
  return 0;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
