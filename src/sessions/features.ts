import { compressing } from "./compressor.ts";
import { kept } from "./kept.ts";
import { resetting } from "./resetting.ts";
import type { Feature } from "./state.ts";
import { tasks } from "./tasks.ts";

/**
 * What sessions can do only with some routes files: `#features` as tests, tools and the simulation have it. In a Worker
 * `#features` is the module that `npm run compile` writes with the routes (tools/routes/features.ts), which has those
 * that the routes file needs. Beside `src/parts.ts`, because these stand on platforms and inference, which look there.
 */
export const FEATURES: readonly Feature[] = [tasks, compressing, resetting, kept];
