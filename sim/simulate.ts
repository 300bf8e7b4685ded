import { Cron, ROUND_MS } from "./cron.ts";
import { happen } from "./happenings.ts";
import { judgeEnd } from "./judge/inside.ts";
import { judge } from "./judge/judge.ts";
import type { Plan } from "./plan/plan.ts";
import { prepareRoutes } from "./routes.ts";
import { Chance, hash } from "./runtime/chance.ts";
import { type Deployable, Gateway } from "./runtime/gateway.ts";
import { runOn } from "./runtime/globals.ts";
import { Loop } from "./runtime/loop.ts";
import type { Machine, Writer } from "./runtime/machine.ts";
import type { OutsideRequest } from "./runtime/outside.ts";
import { Trace } from "./trace.ts";
import { Senders } from "./world/senders.ts";
import { variablesOf, World } from "./world/world.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23);
/** Without a fault: the gateway's first look at its Hub inbox, which leaves old messages unanswered. */
const QUIET_START_MS = MINUTE;
const DAY = 24 * 60 * MINUTE;
/** After the last event faults stop, and time goes on for so long: everything must be quiet by then. */
const AFTERWARDS_MS = 45 * DAY;
/** Sessions are untouched for so long at the end of a run that grows old; what is overheard may be deleted a day later. */
const OLD_MS = 93 * DAY;
/** More tasks than any run needs that comes to rest. */
const MOST_TASKS = 400_000;

export interface Verdict {
  readonly seed: number;
  /** What the judges object to; empty for a good run. */
  readonly objections: readonly string[];
  /** The faults that happened, by id. */
  readonly fired: readonly string[];
  readonly trace: string;
  /** Equal for equal runs. */
  readonly fingerprint: string;
  readonly messages: number;
  readonly virtual_ms: number;
}

let runs = 0;

/** Runs a plan against the gateway. The same plan gives the same verdict, whatever ran before it in this process. */
export async function simulate(code: Deployable, plan: Plan, traced: boolean): Promise<Verdict> {
  const run = String(7_000_000_000 + ++runs);
  prepareRoutes(run, plan.live);
  const trace = new Trace(START, run);
  const complaints: string[] = [];
  const writers = new Set<Writer>();
  const chance = new Chance(plan.seed, plan.rates, new Set(plan.suppressed));
  const loop = new Loop(
    START,
    () => chance.stream("ties").next(),
    () => {
      for (const writer of writers) writer.settle();
      writers.clear();
    },
  );
  const serve = (request: OutsideRequest) => world.serve(request);
  const machine: Machine = {
    loop,
    chance,
    outside: { serve },
    writers,
    subrequests: plan.subrequests,
    note: (who, what) => {
      if (traced) trace.add(loop.now, who, what());
    },
    ended: (object) => complaints.push(...judgeEnd(object)),
    complain: (what) => complaints.push(what),
  };
  const world: World = new World(machine, run);
  const gateway = new Gateway(code, variablesOf(run, plan), machine);
  const senders = new Senders(machine, gateway.worker, world.traffic, world, plan.impatient);
  const stopWatching = watchRejections(machine);
  runOn(machine);
  try {
    const begin = START + QUIET_START_MS;
    chance.calm = true;
    gateway.worker.trigger();
    await loop.run(begin, MOST_TASKS);
    chance.calm = false;
    const cron = new Cron(machine, gateway, world);
    for (const event of plan.events) {
      loop.at(begin + event.at_ms, () => {
        happen(event, { machine, world, gateway, senders });
        cron.wake();
      });
    }
    const end = begin + (plan.events.at(-1)?.at_ms ?? 0) + MINUTE;
    await loop.run(end, MOST_TASKS);
    chance.calm = true;
    if (cron.isOpen) cron.round(end);
    if (plan.grows_old) cron.round(end + OLD_MS);
    await loop.run(end + ROUND_MS, MOST_TASKS);
    cron.stop();
    const rest = await loop.run(end + (plan.grows_old ? OLD_MS + ROUND_MS + DAY : AFTERWARDS_MS), MOST_TASKS);
    const objections = [...complaints, ...judge({ plan, traffic: world.traffic, gateway, rest, end })];
    return {
      seed: plan.seed,
      objections,
      fired: chance.fired,
      trace: trace.text,
      fingerprint: fingerprint(loop, world, run),
      messages: world.traffic.said.length,
      virtual_ms: loop.now - START,
    };
  } finally {
    runOn(null);
    stopWatching();
    gateway.close();
  }
}

/** A promise that fails with nobody to hear of it is a mistake, unless its object has ended. */
function watchRejections(machine: Machine): () => void {
  const listen = (error: unknown) => {
    if (error instanceof Error && error.name === "Gone") return;
    machine.complain(`unhandled rejection: ${error instanceof Error ? error.stack : error}`);
  };
  process.on("unhandledRejection", listen);
  return () => process.off("unhandledRejection", listen);
}

function fingerprint(loop: Loop, { traffic }: World, run: string): string {
  const all = JSON.stringify([loop.count, loop.now, traffic]).replaceAll(run, "RUN");
  return hash(all).toString(16).padStart(8, "0");
}
