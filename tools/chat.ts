import { askOnce, promptOf } from "./chat/once.ts";
import { CHAT_USAGE, readChat } from "./chat/options.ts";
import { talk } from "./chat/talk.ts";

/** `npm run chat`: the terminal of a running gateway. */
try {
  const { stdin, stdout, env } = process;
  const options = readChat(process.argv.slice(2), env, process.cwd());
  const colour = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  if (options === null) console.log(CHAT_USAGE);
  else if (options.once === null && stdin.isTTY && stdout.isTTY)
    await talk(options, { stdin, stdout, env, colour });
  else await askOnce(options, await promptOf(options.once, stdin), stdout, colour);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
process.exit();
