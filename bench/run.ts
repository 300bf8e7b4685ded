/**
 * `npm run bench`: messages per second and CPU per message against three floors, size and start-up of the Worker,
 * what a message costs at Cloudflare, time per resolve, CPU per streamed answer. `-- --messages N --rounds N
 * --chats N` change the first. `node bench/long.ts`, which lasts minutes, is not part of it.
 * Storage lies in the system's folder for temporary files: on a disk, much of a durable message is fsync;
 * `TMPDIR=/dev/shm` takes that out.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../tools/lib/wrangler.ts";
import { size } from "./size.ts";
import { ANSWER_FIRST, BARE, DURABLE, TALARIA } from "./targets.ts";
import { throughput } from "./throughput.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    chats: { type: "string", default: "16" },
  },
});
const options = {
  messages: count("messages", values.messages),
  rounds: count("rounds", values.rounds),
  chats: count("chats", values.chats),
};

const { messages, rounds, chats } = options;
console.log(
  `## Messages\n\n${messages} messages a round, ${chats} chats at once, ${rounds} rounds, medians.\n`,
);
console.log(await throughput([BARE, DURABLE, ANSWER_FIRST, TALARIA], options));
if (process.platform !== "linux") console.log("\nCPU time is read from /proc, which only Linux has.");
console.log(`\n## Size\n\n${await size()}`);
for (const [title, script] of [
  ["Costs", "bench/costs.ts"],
  ["Resolve", "bench/resolve.ts"],
  ["Streams", "bench/stream.ts"],
] as const) {
  console.log(`\n## ${title}\n`);
  await runScript(join(ROOT, script));
}

function count(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--${name} must be a whole number above 0, not ${value}`);
  process.exit(2);
}

/** Runs another benchmark in a process of its own, so that neither warms or disturbs the other. */
function runScript(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [script], { stdio: "inherit" })
      .once("error", reject)
      .once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`))));
  });
}
