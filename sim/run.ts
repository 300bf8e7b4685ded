import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { numberOf, runCommand, sayObjections } from "./command-line.ts";
import { planOf } from "./plan/plan.ts";
import { shrink } from "./plan/shrink.ts";
import { runSeeds, seedsFrom, Worker } from "./pool.ts";
import type { Verdict } from "./simulate.ts";
import { tryMutants } from "./try-mutants.ts";

const USAGE = `npm run sim [-- --seeds N] [--seed S] [--jobs J] [--mutants]
  --seeds N   how many seeds to run (default 500); from --seed on, else from one of today's
  --seed S    this seed; without --seeds alone, and with its trace
  --jobs J    how many processes (default: the processor's cores, at most 8)
  --mutants   puts each kept mistake into the code, and fails if one is not found`;

await runCommand(main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      seed: { type: "string" },
      jobs: { type: "string" },
      mutants: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const jobs = numberOf("jobs", values.jobs, USAGE) ?? Math.min(8, availableParallelism());
  const seeds = numberOf("seeds", values.seeds, USAGE);
  const seed = numberOf("seed", values.seed, USAGE);
  if (values.mutants) return tryMutants(jobs, seeds ?? 400);
  if (seed !== null && seeds === null) return runOne(seed);
  return runMany(seed ?? Math.floor(Math.random() * 1_000_000) * 1_000, seeds ?? 500, jobs);
}

/** Seeds until one fails: that one is shrunk, and what is left of it is told. */
async function runMany(first: number, count: number, jobs: number): Promise<number> {
  const started = performance.now();
  const total = { seeds: 0, messages: 0, days: 0 };
  let failed: Verdict | null = null;
  await runSeeds(seedsFrom(first, count), jobs, (verdict) => {
    total.seeds++;
    total.messages += verdict.messages;
    total.days += verdict.virtual_ms / 86_400_000;
    if (verdict.objections.length > 0) failed ??= verdict;
    return failed === null;
  });
  const took_s = Math.round((performance.now() - started) / 1_000);
  console.log(
    `${total.seeds} seeds from ${first} on, ${total.messages} messages in ${Math.round(total.days)} simulated days, ${took_s} s`,
  );
  if (failed === null) return 0;
  await tell(failed);
  return 1;
}

async function tell(failed: Verdict): Promise<void> {
  const { seed } = failed;
  console.log(`\nSeed ${seed} failed:`);
  sayObjections(failed.objections);
  const worker = new Worker();
  try {
    const plan = planOf(seed);
    const small = await shrink(plan, failed, (smaller) => worker.run({ plan: smaller, traced: false }));
    const { verdict } = small;
    console.log(
      `\nThe same with ${small.plan.events.length} of ${plan.events.length} events and ` +
        `${verdict.fired.length} of ${failed.fired.length} faults:`,
    );
    console.log((await worker.run({ plan: small.plan, traced: true })).trace);
    sayObjections(verdict.objections);
    for (const fault of verdict.fired) console.log(`  fault: ${fault}`);
  } finally {
    worker.stop();
  }
  console.log(`\nThe whole of it: npm run sim -- --seed ${seed}`);
}

async function runOne(seed: number): Promise<number> {
  const worker = new Worker();
  try {
    const verdict = await worker.run({ seed, traced: true });
    console.log(verdict.trace);
    console.log(
      `\nSeed ${seed}: ${verdict.messages} messages, ${verdict.fired.length} faults, ${verdict.fingerprint}`,
    );
    sayObjections(verdict.objections);
    return verdict.objections.length === 0 ? 0 : 1;
  } finally {
    worker.stop();
  }
}
