import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { isObject } from "../lib/json.ts";
import { waitFor } from "../lib/wait.ts";
import { DEMO_OWNER } from "../routes/demo.ts";
import { bold, dim, excerpt, green, red, whole } from "./show.ts";
import { discordScene, hubScene, play, type Scene, type Stage, telegramScene } from "./speak.ts";

const STRANGER = 777_000_111;
const RELOAD_TIMEOUT_MS = 20_000;

/** Sends one message from each kind of source through the gateway, and says what became of each. */
export async function playMessages(stage: Stage): Promise<void> {
  const { say, cast } = stage;
  const owner = await ownerId(stage);
  const scenes: [title: string, text: string, (text: string) => Scene][] = [
    ["Telegram, your own account", "Which model answers me?", (text) => telegramScene(stage, owner, text)],
    ["Telegram, a stranger", "And which one answers me?", (text) => telegramScene(stage, STRANGER, text)],
    ["Discord, /ask in a server", "Who are you?", (text) => discordScene(stage, text)],
    ["Hub, another agent", "Which model do you give to agents?", (text) => hubScene(stage, text)],
  ];
  for (const [index, [title, text, scene]] of scenes.entries()) {
    say();
    say(`${bold(`${index + 1}  ${title}`)}  ${dim(`“${text}”`)}`);
    await play(stage, scene(text), excerpt).catch((error: unknown) => sayError(say, error));
  }
  say();
  say(`${bold("5  Telegram, forged")}  ${dim("“Let me in” with a wrong webhook secret")}`);
  const forged = cast.telegram.updates.direct({ id: STRANGER }, "Let me in");
  const { status, body } = await cast.telegram.deliver(stage.url, forged, "wrong-secret");
  say(
    status === 401 ? `   ${green("refused with 401")} ${dim(body)}` : red(`   answered ${status}: ${body}`),
  );
}

/** Waits until the gateway serves the routes that are compiled, and sends the messages again. */
export async function playAgain(stage: Stage): Promise<void> {
  const hash = /"hash":"(\w+)"/.exec(await readFile(stage.routes, "utf8"))?.[1];
  await waitFor(
    "gateway with the new routes",
    async () => {
      const health: unknown = await fetch(`${stage.url}/health`)
        .then((response) => response.json())
        .catch(() => undefined);
      return isObject(health) && health.routes === hash;
    },
    RELOAD_TIMEOUT_MS,
  );
  await playMessages(stage);
}

/** Sends a line that was typed: `WHO: TEXT`, or a text alone as the owner on Telegram. */
export async function speak(stage: Stage, line: string): Promise<void> {
  const [, who = "owner", id, text = line] =
    /^(owner|stranger|telegram|discord|hub)(?: (\d{1,15}))?: *(.+)$/i.exec(line) ?? [];
  const scene = {
    owner: async () => telegramScene(stage, await ownerId(stage), text),
    stranger: async () => telegramScene(stage, STRANGER, text),
    telegram: async () => telegramScene(stage, Number(id ?? (await ownerId(stage))), text),
    discord: async () => discordScene(stage, text),
    hub: async () => hubScene(stage, text),
  }[who.toLowerCase()];
  if (scene !== undefined)
    await play(stage, await scene(), whole).catch((error: unknown) => sayError(stage.say, error));
}

function sayError(say: Stage["say"], error: unknown): void {
  say(red(`   ${error instanceof Error ? error.message : String(error)}`));
}

/** The first Telegram owner of the compiled routes. */
async function ownerId({ routes }: Stage): Promise<number> {
  // A module is kept by its address: this one may be another than a moment ago.
  const module: unknown = await import(`${pathToFileURL(routes).href}?read=${performance.now()}`);
  const compiled = isObject(module) && isObject(module.default) ? module.default : {};
  const owners = isObject(compiled.owners) ? compiled.owners.telegram : undefined;
  return Number(Array.isArray(owners) ? owners[0] : DEMO_OWNER) || Number(DEMO_OWNER);
}
