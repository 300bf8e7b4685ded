import type { CompiledRoutes } from "../../src/routing/types.ts";

/** The shipped file's model, which answers inside the Worker with what was written. */
const DEMO_MODEL = "echo-base";
/** Whoever plays the owner in the demo of `npm start`; on the real Telegram this is somebody else. */
export const DEMO_OWNER = "42";

/** Whether these are the shipped routes, which answer inside the Worker. */
export const isDemo = ({ base }: Pick<CompiledRoutes, "base">): boolean =>
  base.model === DEMO_MODEL && base.provider === "echo";

/**
 * The routes as the demo of `npm start` runs them, where doubles play the platforms: its owner where the file names
 * none on Telegram, and strangers and peers answered where the file is the shipped one. Pure.
 */
export function asDemo(routes: CompiledRoutes): CompiledRoutes {
  const { owners, homes, access } = routes;
  const isOwned = (owners.telegram ?? []).length > 0 || homes.telegram !== undefined;
  return {
    ...routes,
    ...(!isOwned && { owners: { ...owners, telegram: [DEMO_OWNER] } }),
    ...(isDemo(routes) && { access: { ...access, strangers: "answer", hub_peers: "answer" } }),
  };
}
