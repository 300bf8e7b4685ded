import { loadRoutes } from "../routes/load.ts";
import { apply } from "./apply.ts";
import type { Target } from "./options.ts";
import { joined } from "./plan.ts";
import { unplanPlatforms } from "./platforms.ts";
import { Report } from "./report.ts";
import { fromEnvironment, readValues } from "./secrets.ts";

/** `npm run disconnect`: takes back what `connect` registered. @returns whether all went well */
export async function disconnect(
  { url, envFiles, routesFile, dryRun }: Target & { readonly dryRun: boolean },
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<boolean> {
  const report = new Report(say, dryRun);
  const stored = readValues(envFiles);
  const values = { ...stored, ...fromEnvironment(env, stored, []) };
  // Without sound routes the owners are unknown; what everybody sees is taken back all the same.
  const owners = loadRoutes(routesFile).compiled ?? { owners: {}, homes: {}, access: NOBODY };
  const plans = await unplanPlatforms({ values, gateway: url, compiled: owners });
  const { notes, steps } = joined(plans);
  for (const note of notes) report.note(note);
  for (const step of steps) {
    const failure = dryRun ? null : await apply(step, values);
    if (failure === null) report.step(step);
    else report.note(failure);
  }
  report.end();
  return !report.failed;
}

const NOBODY = { strangers: "ignore", hub_peers: "ignore", commands: {} } as const;
