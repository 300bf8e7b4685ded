import { MUTANTS, type Mutant } from "./mutants.ts";
import { runSeeds, seedsFrom, Worker } from "./pool.ts";

/** Seeds that every mutant is tried with first, so that a failure can be run again. */
const FIRST_SEED = 1;

/** Tries every kept mistake with at most so many seeds; 1 if one is not found. */
export async function tryMutants(jobs: number, seeds: number): Promise<number> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const found = await find(mutant, jobs, seeds);
    if (found === null) missed++;
    console.log(`${mutant.name}: ${found ?? `NOT FOUND in ${seeds} seeds (expected ${mutant.caught_by})`}`);
  }
  console.log(`${MUTANTS.length - missed} of ${MUTANTS.length} mutants are found`);
  return missed === 0 ? 0 : 1;
}

/** The first seed that objects to the mutant as expected, and not to the code without it. */
async function find(
  { name, caught_by, first_seed = FIRST_SEED }: Mutant,
  jobs: number,
  seeds: number,
): Promise<string | null> {
  let found: { readonly seed: number; readonly objection: string } | null = null;
  await runSeeds(
    seedsFrom(first_seed, seeds),
    jobs,
    ({ seed, objections }) => {
      const objection = objections.find((one) => caught_by.test(one));
      if (objection !== undefined) found ??= { seed, objection };
      return found === null;
    },
    name,
  );
  return found === null ? null : confirm(found, caught_by);
}

async function confirm(
  { seed, objection }: { readonly seed: number; readonly objection: string },
  caught_by: RegExp,
): Promise<string> {
  const clean = new Worker();
  try {
    const { objections } = await clean.run({ seed, traced: false });
    if (objections.some((one) => caught_by.test(one))) {
      throw new Error(`seed ${seed} objects to the code as it is: ${objections[0]}`);
    }
  } finally {
    clean.stop();
  }
  return `seed ${seed}, ${objection}`;
}
