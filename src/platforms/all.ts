import { cli } from "./cli/index.ts";
import { cron } from "./cron/index.ts";
import { discord } from "./discord/index.ts";
import { hub } from "./hub/index.ts";
import type { Platform } from "./platform.ts";
import { telegram } from "./telegram/index.ts";

/**
 * Every platform this gateway speaks: `#platforms` as tests, tools and the simulation have it. In a Worker
 * `#platforms` is the module that `npm run compile` writes with the routes (tools/routes/platforms.ts), which leaves
 * out those on which nobody would be answered.
 */
export const PLATFORMS: readonly Platform[] = [telegram, discord, hub, cli, cron];
