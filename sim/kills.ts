import { parseArgs } from "node:util";
import { buildWorker } from "../test/e2e/support/worker.ts";
import { numberOf, runCommand, sayObjections } from "./command-line.ts";
import { runKills } from "./kills/run.ts";

const USAGE = `npm run kills [-- --kills N] [--seed S]
  --kills N   how often the runtime is killed (default 50)
  --seed S    the seed of all that is random (default: one of now)`;

/** Each session's alarm rings within ten seconds of a message, so that a kill comes before and after it. */
const ALIVE_MS = [2_000, 12_000] as const;
/** A kill at any moment rarely falls into a call as short as a follow-up of Discord, the one that may not be repeated. */
const AIMED = 0.4;
/** Longer than a session's watchdog: nothing is still to come. */
const STILL_MS = 12_000;

await runCommand(main);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { kills: { type: "string" }, seed: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const kills = numberOf("kills", values.kills, USAGE) ?? 50;
  const seed = numberOf("seed", values.seed, USAGE) ?? Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const started = performance.now();
  const { worker, remove } = await buildWorker();
  const onKill = (count: number) => {
    if (count % 10 === 0) console.log(`${count} kills, ${secondsSince(started)} s`);
  };
  const result = await runKills({
    kills,
    seed,
    alive_ms: ALIVE_MS,
    still_ms: STILL_MS,
    aimed: AIMED,
    worker,
    onKill,
  }).finally(remove);
  const figures = [
    `${kills} kills`,
    `${result.messages} messages`,
    `${result.accepted} accepted`,
    `${result.answered} answered`,
    `${result.lost} lost`,
    `${result.out_of_order} out of order`,
    `${result.live} seen while they were written`,
    `${result.went_on} gone on with after a kill`,
    `${result.shown_twice} shown twice in a kill`,
    `${result.left} left half written in a kill`,
    `${result.cut} cut by a kill`,
    `${result.given_up} given up after three kills`,
    `${result.asked_again} asked again after a kill`,
    `${secondsSince(started)} s`,
  ];
  console.log(figures.join(", "));
  const { objections } = result;
  sayObjections(objections);
  return objections.length > 0 ? 1 : 0;
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 1_000);
}
