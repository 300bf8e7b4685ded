import { connect } from "./connect/connect.ts";
import { terminalGuide } from "./connect/guide.ts";
import { CONNECT_USAGE, type ConnectOptions, readConnect } from "./connect/options.ts";
import { Cancelled } from "./connect/prompt.ts";
import { wranglerSecrets } from "./connect/worker.ts";

const root = process.cwd();
try {
  const options = readConnect(process.argv.slice(2), process.env, root);
  if (options === null) console.log(CONNECT_USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** `npm run connect`, for the files of the folder in which it runs. */
async function run(options: ConnectOptions): Promise<void> {
  const asks = process.stdin.isTTY && process.stdout.isTTY && !options.yes && !options.dryRun;
  const guide = asks ? terminalGuide : null;
  // The prompts' spinner ends the process with 0 where somebody presses Ctrl-C.
  const cancelled = () => {
    console.error(new Cancelled().message);
    process.exitCode = 1;
  };
  process.once("exit", cancelled);
  const say = (line: string) => console.log(line);
  try {
    const ok = await connect(options, { root, env: process.env, worker: wranglerSecrets, guide, say });
    if (!ok) process.exitCode = 1;
  } finally {
    process.off("exit", cancelled);
  }
}
