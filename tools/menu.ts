import { COMMANDS as DISCORD } from "../src/platforms/discord/commands.ts";
import { COMMANDS as TELEGRAM } from "../src/platforms/telegram/commands.ts";

/** The body of the call with which each platform learns the commands (README.md, "Deploy"). */
const BODIES: { readonly [platform: string]: unknown } = {
  telegram: { commands: TELEGRAM },
  discord: DISCORD,
};

const [platform = "", ...rest] = process.argv.slice(2);
if (rest.length === 0 && Object.hasOwn(BODIES, platform)) {
  console.log(JSON.stringify(BODIES[platform]));
} else {
  console.error(`usage: npm run --silent menu -- ${Object.keys(BODIES).join(" | ")}`);
  process.exitCode = 2;
}
