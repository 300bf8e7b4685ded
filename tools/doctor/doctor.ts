import { relative } from "node:path";
import type { Target } from "../connect/options.ts";
import { joined } from "../connect/plan.ts";
import { isMeant, PLATFORMS, planPlatforms } from "../connect/platforms.ts";
import { fromEnvironment, readValues, routesSecrets } from "../connect/secrets.ts";
import { demoNotes, ownersMissing } from "../connect/settle-routes.ts";
import { overruled } from "../connect/tokens.ts";
import { loadRoutes } from "../routes/load.ts";
import { tryClock } from "./clock.ts";
import { tryDeliveries } from "./deliveries.ts";
import { type Finding, fine, ofPlan, wrong } from "./finding.ts";
import { tryGateway } from "./gateway.ts";
import { tryModels } from "./models.ts";

/** Tries everything that a live bot needs, and changes nothing. */
export async function examine(
  { url, named, envFiles, routesFile }: Target,
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): Promise<Finding[]> {
  const stored = readValues(envFiles);
  const { compiled, findings } = loadRoutes(routesFile);
  const names = routesSecrets(compiled);
  const values = { ...stored, ...fromEnvironment(env, stored, names) };
  const routes = relative(root, routesFile);
  const local = `npm run connect -- --url ${url}`;

  const lines = findings.map(({ line, col, level, message }) =>
    wrong(level, "routes", `${routes}:${line}:${col} ${message}`, "repair it, then npm run check"),
  );
  if (compiled !== null) lines.push(fine("routes", `${routes} compiles to ${compiled.hash}`));
  if (!PLATFORMS.some((name) => isMeant(name, values))) {
    lines.push(wrong("error", "secrets", "no platform's token is set", "npm run connect"));
  }
  for (const { about, text, todo } of overruled(env, stored, names, { envFiles }, root)) {
    lines.push(wrong("warning", about, text, todo));
  }
  for (const name of names) {
    if (values[name] !== undefined) continue;
    lines.push(
      wrong("error", "secrets", `${name}, which ${routes} names, is not set`, "put it into .dev.vars"),
    );
  }
  if (compiled !== null) {
    for (const { about, text, todo } of [
      ...demoNotes(compiled, routes),
      ...ownersMissing(compiled, values, routes),
    ]) {
      lines.push(wrong("warning", about, text, todo));
    }
  }

  const [plans, deliveries, gateway, models] = await Promise.all([
    // Without sound routes it is unknown which commands belong where.
    compiled === null
      ? []
      : planPlatforms({ values, gateway: url, compiled, is_new_secret: false }).then((all) =>
          ofPlan(joined(all), local),
        ),
    tryDeliveries(values, Date.now()),
    tryGateway({ url, named, values, compiled, routes }).then(async ({ findings, date_ms }) => [
      ...findings,
      ...(await tryClock(values, date_ms, Date.now())),
    ]),
    compiled === null ? [] : tryModels(compiled, values),
  ]);
  return [...lines, ...plans, ...deliveries, ...gateway, ...models];
}
