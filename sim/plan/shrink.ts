import type { Verdict } from "../simulate.ts";
import type { Plan } from "./plan.ts";

/** Runs of a plan that a failure is worth. */
const MOST_RUNS = 250;
const MOST_MS = 60_000;

/** What is objected to, without what differs between two runs of the same mistake. */
export const kindOf = (objection: string): string =>
  objection
    .replace(/ in (telegram|discord|argus|brisk|nobody)[\w ,]*/g, "")
    .replace(/\d[\d. ]*/g, "#")
    .slice(0, 60);

/**
 * Leaves out of a failing plan what is of no account: events first, then kinds of faults, then single faults.
 * What is left fails in the same way.
 */
export async function shrink(
  plan: Plan,
  failed: Verdict,
  run: (plan: Plan) => Promise<Verdict>,
): Promise<{ readonly plan: Plan; readonly verdict: Verdict }> {
  const kind = kindOf(failed.objections[0] ?? "");
  const started = performance.now();
  let runs = 0;
  let best = { plan, verdict: failed };
  /** Takes a smaller plan over if it fails as well. */
  const fails = async (smaller: Plan): Promise<boolean> => {
    if (runs++ >= MOST_RUNS || performance.now() - started > MOST_MS) return false;
    const verdict = await run(smaller);
    if (!verdict.objections.some((objection) => kindOf(objection) === kind)) return false;
    best = { plan: smaller, verdict };
    return true;
  };

  await reduce(plan.events, (events) => fails({ ...best.plan, events }));
  await reduce(Object.entries(plan.rates), (rates) =>
    fails({ ...best.plan, rates: Object.fromEntries(rates) }),
  );
  const fired = best.verdict.fired;
  await reduce(fired, (kept) => {
    const suppressed = fired.filter((fault) => !kept.includes(fault));
    return fails({ ...best.plan, suppressed });
  });
  // Without the faults some events may be of no account as well.
  await reduce(best.plan.events, (events) => fails({ ...best.plan, events }));
  return best;
}

/** Leaves parts of a list out, large ones first, as long as what is left still fails. */
async function reduce<Item>(
  items: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
): Promise<void> {
  let left = items;
  for (let size = Math.ceil(left.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < left.length; ) {
      const smaller = [...left.slice(0, from), ...left.slice(from + size)];
      if (await fails(smaller)) left = smaller;
      else from += size;
    }
  }
}
