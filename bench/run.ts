/**
 * `npm run bench`: messages per second and CPU per message against three floors, size and start-up of the Worker,
 * what a message costs at Cloudflare, in a long chat too, time per resolve, CPU per streamed answer, time to the first
 * text that a reader sees.
 * `-- --messages N --rounds N --chats N` change the first.
 * Storage lies in the system's folder for temporary files: on a disk, much of a durable message is fsync;
 * `TMPDIR=/dev/shm` takes that out.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../tools/lib/wrangler.ts";
import { wholeNumber } from "./options.ts";
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
  messages: wholeNumber("messages", values.messages),
  rounds: wholeNumber("rounds", values.rounds),
  chats: wholeNumber("chats", values.chats),
};

const { messages, rounds, chats } = options;
console.log(
  `## Messages\n\n${messages} messages a round, ${chats} chats at once, ${rounds} rounds, medians.\n`,
);
console.log(await throughput([BARE, DURABLE, ANSWER_FIRST, TALARIA], options));
if (process.platform !== "linux") console.log("\nCPU time is read from /proc, which only Linux has.");
console.log(`\n## Size\n\n${await size()}`);
for (const [heading, script] of [
  ["## Storage", "bench/costs.ts"],
  ["### A long chat", "bench/long.ts"],
  ["## Resolve", "bench/resolve.ts"],
  ["## Streams", "bench/stream.ts"],
  ["## First text", "bench/first-text.ts"],
] as const) {
  console.log(`\n${heading}\n`);
  await runScript(join(ROOT, script));
}

/** Runs another benchmark in a process of its own, so that neither warms or disturbs the other. */
function runScript(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn(process.execPath, [script], { stdio: "inherit" })
      .once("error", reject)
      .once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`))));
  });
}
