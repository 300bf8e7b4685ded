import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, percentile, table } from "./table.ts";
import { startTarget, type Target } from "./targets.ts";
import type { Workerd } from "./workerd.ts";
import { type Round, World } from "./world.ts";

export interface ThroughputOptions {
  readonly messages: number;
  readonly rounds: number;
  readonly chats: number;
}

interface Runner {
  readonly name: string;
  readonly workerd: Workerd;
  readonly results: Result[];
}

interface Result extends Round {
  readonly per_second: number;
  readonly cpu_ms: number | null;
}

/**
 * Messages per second and CPU per message of each target, all under the same runtime, with the same chats and
 * doubles, as a table; ratios are to the first targets, the floors. They take turns, so that what else the
 * machine does falls on all of them. Rejects when a message is not answered exactly once.
 */
export async function throughput(targets: readonly Target[], options: ThroughputOptions): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "talaria-bench-"));
  const world = new World();
  const runners: Runner[] = [];
  try {
    const address = await world.start();
    for (const target of targets) {
      runners.push({
        name: target.name,
        workerd: await startTarget(target, address, directory),
        results: [],
      });
    }
    for (const { workerd } of runners) await world.forge(`${workerd.url}/webhooks/telegram`);
    // The first round is not counted: the runtime compiles what is used often.
    for (let round = 0; round <= options.rounds; round++) {
      const order = round % 2 === 0 ? runners : runners.toReversed();
      for (const runner of order) {
        const result = await runRound(world, runner, round, options);
        if (round > 0) runner.results.push(result);
      }
    }
    world.check();
    return report(runners);
  } catch (error) {
    for (const { name, workerd } of runners)
      console.error(`${name}:\n${(await workerd.output()).slice(-4_000)}`);
    throw error;
  } finally {
    for (const { workerd } of runners) await workerd.stop();
    world.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function runRound(
  world: World,
  { name, workerd }: Runner,
  number: number,
  { chats, messages }: ThroughputOptions,
): Promise<Result> {
  const round = {
    url: `${workerd.url}/webhooks/telegram`,
    name: `${name} round ${number}`,
    // New chats for every round: none is measured with a longer conversation than another.
    first_chat: 1_000_000 + number * chats,
    chats,
  };
  // Opens every chat's object, which costs several messages' time and happens once.
  await world.round({ ...round, name: `${round.name} opening`, messages: 4 * chats });
  const before = workerd.cpuMs();
  const result = await world.round({ ...round, messages });
  const after = workerd.cpuMs();
  return {
    ...result,
    per_second: messages / result.seconds,
    cpu_ms: before === null || after === null ? null : (after - before) / messages,
  };
}

function report(runners: readonly Runner[]): string {
  const ratio = (runner: Runner, floor: Runner | undefined, figure: (result: Result) => number | null) => {
    const ratios = runner.results.map((result, n) => {
      const [a, b] = [figure(result), floor?.results[n] ? figure(floor.results[n]) : null];
      return a === null || b === null ? Number.NaN : a / b;
    });
    return median(ratios).toFixed(2);
  };
  const [bare, durable, answerFirst] = runners;
  const rows = runners.map((runner) => {
    const { results } = runner;
    const cpu = results.flatMap(({ cpu_ms }) => cpu_ms ?? []);
    const hasCpu = cpu.length === results.length;
    const perSecond = ({ per_second }: Result) => per_second;
    const cpuMs = ({ cpu_ms }: Result) => cpu_ms;
    return [
      runner.name,
      median(results.map(perSecond)).toFixed(0),
      ratio(runner, bare, perSecond),
      ratio(runner, durable, perSecond),
      ratio(runner, answerFirst, perSecond),
      hasCpu ? median(cpu).toFixed(2) : "n/a",
      hasCpu ? ratio(runner, bare, cpuMs) : "n/a",
      hasCpu ? ratio(runner, durable, cpuMs) : "n/a",
      median(results.map(({ latencies }) => percentile(latencies, 50))).toFixed(1),
      median(results.map(({ latencies }) => percentile(latencies, 99))).toFixed(1),
    ];
  });
  return table(
    [
      "",
      "messages/s",
      "× bare",
      "× durable",
      "× answer-first",
      "CPU ms/message",
      "× bare",
      "× durable",
      "answer ms p50",
      "p99",
    ],
    rows,
  );
}
