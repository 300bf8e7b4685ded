import { PLATFORMS } from "../../src/platforms/all.ts";
import type { Platform } from "../../src/platforms/platform.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { listModule } from "./list-module.ts";
import { isScheduled } from "./parts.ts";

/** Platforms that mean nothing with some routes files, and what makes them mean something; all others are always there. */
const NEEDS: { readonly [platform: string]: (routes: CompiledRoutes) => boolean } = {
  // Everybody on Hub is a peer.
  hub: ({ access, cron }) =>
    access.hub_peers === "answer" || (cron?.jobs ?? []).some(({ deliver }) => deliver.startsWith("hub:")),
  cron: isScheduled,
};

/** The platforms that a Worker with these routes has. */
export const platformsFor = (routes: CompiledRoutes): readonly Platform[] =>
  PLATFORMS.filter(({ name }) => NEEDS[name]?.(routes) ?? true);

/** The module `#platforms` of a Worker with these routes (src/platforms/all.ts). */
export const platformsText = (routes: CompiledRoutes): string =>
  listModule(
    "PLATFORMS",
    platformsFor(routes).map(({ name }) => ({ file: `platforms/${name}/index.ts`, exported: name })),
  );
