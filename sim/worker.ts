import { MUTANTS } from "./mutants.ts";
import { type Plan, planOf } from "./plan/plan.ts";
import { loadWorker } from "./runtime/gateway.ts";
import { replaceGlobals } from "./runtime/globals.ts";
import { hookModules } from "./runtime/modules.ts";
import type { Verdict } from "./simulate.ts";

/** What the parent asks for: the run of a seed, or of a plan; with its trace, or without. */
export interface Order {
  readonly seed?: number;
  readonly plan?: Plan;
  readonly traced: boolean;
}

/** What it gets: what came of it, or why the simulation itself failed. */
export type Answer = { readonly verdict: Verdict } | { readonly failure: string };

// The process is the simulation's: real code finds the simulated globals from its first line on.
const [name] = process.argv.slice(2);
hookModules(MUTANTS.filter((mutant) => mutant.name === name));
replaceGlobals();
const { simulate } = await import("./simulate.ts");
const code = await loadWorker();

process.on("message", (order: Order) => {
  const plan = order.plan ?? planOf(order.seed ?? 0);
  simulate(code, plan, order.traced).then(
    (verdict) => process.send?.({ verdict } satisfies Answer),
    (error: unknown) => {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ failure } satisfies Answer);
    },
  );
});
