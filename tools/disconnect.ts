import { disconnect } from "./connect/disconnect.ts";
import { DISCONNECT_USAGE, readDisconnect } from "./connect/options.ts";

/** `npm run disconnect`, for the files of the folder in which it runs. */
try {
  const options = readDisconnect(process.argv.slice(2), process.env, process.cwd());
  if (options === null) console.log(DISCONNECT_USAGE);
  else if (!(await disconnect(options, process.env, (line) => console.log(line)))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
