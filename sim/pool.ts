import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Verdict } from "./simulate.ts";
import type { Answer, Order } from "./worker.ts";

/** A run that takes longer goes on for ever. */
const PATIENCE_MS = 120_000;

/** A process that runs simulations, one at a time. */
export class Worker {
  readonly #child: ChildProcess;

  /** @param mutant the name of a change that its code has */
  constructor(mutant = "") {
    this.#child = fork(join(import.meta.dirname, "worker.ts"), [mutant], {
      // Runs leave much behind at once, and most of it is of no use any more by then.
      execArgv: ["--max-semi-space-size=32"],
    });
  }

  /** @throws Error when the simulation itself fails, or does not come to an end */
  run(order: Order): Promise<Verdict> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const what = order.plan ? `a plan of seed ${order.plan.seed}` : `seed ${order.seed}`;
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        end(() => reject(new Error(`${what} did not end within ${PATIENCE_MS / 1_000} s`)));
      }, PATIENCE_MS);
      const answered = (answer: Answer) =>
        end(() => {
          if ("verdict" in answer) resolve(answer.verdict);
          else reject(new Error(`${what}: ${answer.failure}`));
        });
      const exited = () => end(() => reject(new Error(`the process that ran ${what} ended`)));
      const end = (act: () => void) => {
        clearTimeout(timer);
        child.off("message", answered);
        child.off("exit", exited);
        act();
      };
      child.on("message", answered);
      child.on("exit", exited);
      child.send(order);
    });
  }

  stop(): void {
    this.#child.kill();
  }
}

/**
 * Runs seeds on so many processes, and tells each verdict as it comes; `tell` ends it by returning false.
 * @throws Error when the simulation itself fails
 */
export async function runSeeds(
  seeds: Iterable<number>,
  jobs: number,
  tell: (verdict: Verdict) => boolean,
  mutant?: string,
): Promise<void> {
  const left = seeds[Symbol.iterator]();
  let more = true;
  const workers = Array.from({ length: jobs }, () => new Worker(mutant));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let next = left.next(); more && !next.done; next = left.next()) {
          const verdict = await worker.run({ seed: next.value, traced: false });
          if (more && !tell(verdict)) more = false;
        }
      }),
    );
  } finally {
    for (const worker of workers) worker.stop();
  }
}

/** So many seeds, from one on. */
export function* seedsFrom(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed++) yield seed;
}
