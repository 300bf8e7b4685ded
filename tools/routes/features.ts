import { compress } from "../../src/commands/compress.ts";
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

/** Whether anybody may use /compress, and there is a model that can: what echo says is no summary. */
export function mayCompress(routes: Partial<CompiledRoutes>): boolean {
  const { base, rules = [], models = {}, owners = {}, homes = {}, access } = routes;
  if (base === undefined) return false;
  const kinds = own(access?.commands ?? {}, compress.name) ?? compress.access;
  const people = [...Object.values(owners), ...Object.values(homes)];
  return (
    kinds.some((kind) => kind !== "owner" || people.length > 0) &&
    layers({ ...routes, base, rules, models }).some(
      ({ provider = "echo", base_url }) => provider !== "echo" || Boolean(base_url),
    )
  );
}
