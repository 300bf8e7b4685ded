import { background } from "../../src/commands/background.ts";
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

/**
 * Whether anybody may begin a background task: as `access.commands` says, else owners, where there is a model that one
 * waits for: echo has answered before anybody could ask something else.
 */
export function mayBegin(routes: Partial<CompiledRoutes>): boolean {
  const { base, rules = [], models = {}, owners = {}, homes = {}, access } = routes;
  const kinds = own(access?.commands ?? {}, background.name);
  if (kinds !== undefined) return kinds.length > 0;
  if (base === undefined || Object.keys({ ...owners, ...homes }).length === 0) return false;
  return layers({ ...routes, base, rules, models }).some(({ provider = "echo" }) => provider !== "echo");
}
