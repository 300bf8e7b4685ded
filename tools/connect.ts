import { connect } from "./connect/connect.ts";
import { terminalGuide } from "./connect/guide.ts";
import { CONNECT_USAGE, readConnect } from "./connect/options.ts";
import { wranglerSecrets } from "./connect/worker.ts";

/** `npm run connect`, for the files of the folder in which it runs. */
const root = process.cwd();
try {
  const options = readConnect(process.argv.slice(2), process.env, root);
  if (options === null) console.log(CONNECT_USAGE);
  else {
    const asks = process.stdin.isTTY && process.stdout.isTTY && !options.yes && !options.dryRun;
    const guide = asks ? terminalGuide : null;
    const say = (line: string) => console.log(line);
    const ok = await connect(options, { root, env: process.env, worker: wranglerSecrets, guide, say });
    if (!ok) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
