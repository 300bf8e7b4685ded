import { background } from "../../src/commands/background.ts";
import type { Command } from "../../src/commands/command.ts";
import { compress } from "../../src/commands/compress.ts";
import { exportKept } from "../../src/commands/export.ts";
import { forget } from "../../src/commands/forget.ts";
import { own } from "../../src/lib/own.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { listModule } from "./list-module.ts";
import { layers } from "./parts.ts";

interface FeatureFacts {
  /** Its file below `src/`, which exports it by its name. */
  readonly file: string;
  /** Whether anything that the routes file says leads to it. */
  isNeeded(routes: CompiledRoutes): boolean;
}

/** One row for each of src/sessions/features.ts. */
const FEATURES: { readonly [name: string]: FeatureFacts } = {
  tasks: { file: "sessions/tasks.ts", isNeeded: mayBegin },
  compressing: {
    file: "sessions/compressor.ts",
    isNeeded: (routes) =>
      routes.compression !== undefined ||
      mayCompress(routes) ||
      layers(routes).some(({ context }) => context !== undefined),
  },
  resetting: {
    file: "sessions/resetting.ts",
    isNeeded: ({ reset }) => reset !== undefined,
  },
  kept: {
    file: "sessions/kept.ts",
    isNeeded: (routes) => mayForget(routes) || mayExport(routes),
  },
};

/** The names of what sessions of a Worker with these routes can do. */
export const featuresFor = (routes: CompiledRoutes): string[] =>
  Object.entries(FEATURES).flatMap(([name, { isNeeded }]) => (isNeeded(routes) ? [name] : []));

/** The module `#features` of a Worker with these routes (src/sessions/features.ts). */
export const featuresText = (routes: CompiledRoutes): string =>
  listModule(
    "FEATURES",
    featuresFor(routes).map((exported) => ({ file: FEATURES[exported]?.file ?? "", exported })),
  );

/** Whether there is anybody who may use a command. */
function hasUser({ name, access: own_access }: Command, routes: Partial<CompiledRoutes>): boolean {
  const { owners = {}, homes = {}, access } = routes;
  const kinds = own(access?.commands ?? {}, name) ?? own_access;
  const people = [...Object.values(owners), ...Object.values(homes)];
  return kinds.some((kind) => kind !== "owner" || people.length > 0);
}

/** Whether anybody may begin a background task. */
export function mayBegin(routes: Partial<CompiledRoutes>): boolean {
  return hasUser(background, routes);
}

/** Whether there is anybody at all who is answered, or may be: with the shipped file alone nobody is. */
const isAnswering = ({ owners = {}, homes = {}, access }: Partial<CompiledRoutes>): boolean =>
  access?.strangers !== "ignore" ||
  [access.allowed ?? {}, owners, homes].some((people) => Object.values(people).flat().length > 0);

/** Whether anybody may have forgotten what is kept of them. */
export const mayForget = (routes: Partial<CompiledRoutes>): boolean =>
  isAnswering(routes) && hasUser(forget, routes);

/** Whether anybody may have it as a file. */
export const mayExport = (routes: Partial<CompiledRoutes>): boolean =>
  isAnswering(routes) && hasUser(exportKept, routes);

/** Whether anybody may use /compress, and there is a model that can: what echo says is no summary. */
export function mayCompress(routes: Partial<CompiledRoutes>): boolean {
  const { base, rules = [], models = {} } = routes;
  if (base === undefined || !hasUser(compress, routes)) return false;
  return layers({ ...routes, base, rules, models }).some(
    ({ provider = "echo", base_url }) => provider !== "echo" || Boolean(base_url),
  );
}
