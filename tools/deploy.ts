import { parseArgs } from "node:util";
import { deploy } from "./deploy/deploy.ts";
import { cloudflare } from "./deploy/wrangler.ts";
import { defaultRoutesFile } from "./routes/load.ts";

const USAGE = `usage: npm run deploy [-- --routes FILE]
  --routes FILE   deploys with this routes file (or ROUTES_FILE=FILE; default routes.local.yaml, else routes.yaml)`;

try {
  const { values } = parseArgs({ options: { routes: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) console.log(USAGE);
  else {
    process.exitCode = await deploy({
      file: values.routes ?? defaultRoutesFile(),
      cloudflare: cloudflare(),
      // https://developers.cloudflare.com/workers/ci-cd/builds/configuration/#environment-variables
      inBuilds: process.env.WORKERS_CI === "1",
      say: (line) => console.log(line),
    });
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
