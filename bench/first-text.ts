/**
 * Milliseconds from the model's first token to the first text that a reader sees, with live answers and without, and
 * the requests that show an answer of 2,000 chunks while it is written: `node bench/first-text.ts`. Each answer is in
 * a chat of its own.
 */
import { buildWorker, type Worker } from "../test/e2e/support/worker.ts";
import { AGENT, startWorld, type World } from "../test/e2e/support/world.ts";
import { type RawEndpoint, type Script, startRawEndpoint } from "../test/support/raw-endpoint.ts";
import { BOT } from "../tools/doubles/telegram-updates.ts";
import { pause, waitFor } from "../tools/lib/wait.ts";
import { median, table } from "./table.ts";

const MESSAGES = 50;
/** So many at once: more than one, and few enough to measure the gateway and not the machine. */
const AT_ONCE = 5;
/** An answer, and one of very many pieces: their number, the pause between two of them, and what a piece says. */
const SHORT = {
  pieces: 30,
  pause_ms: 100,
  say: (n: number) => `and piece ${String(n).padStart(2, "0")} of it. `,
};
const LONG = { pieces: 2_000, pause_ms: 10, say: (n: number) => `${n % 10} ` };
/** Asks for the long one. */
const ASKS_LONG = "a long one";
const DISCORD_USER = "1417636184355766305";

/** Asks one question, and returns when its reader first saw some of the answer, in milliseconds of `performance.now()`. */
type Ask = (world: World, n: number) => Promise<number>;

const PLATFORMS: { readonly [platform: string]: Ask } = {
  Telegram: async ({ telegram, gateway }, n) => {
    const person = { id: 1_000 + n };
    await telegram.deliver(gateway.url, telegram.updates.direct(person, `question ${n}`));
    const shown = () =>
      telegram.callsOf("sendMessage").find(({ body }) => Number(body.chat_id) === person.id)?.ended_at;
    return waitFor("the first text on Telegram", shown, 20_000);
  },
  Discord: async ({ discord, gateway }, n) => {
    const where = { user_id: DISCORD_USER, channel_id: String(9_000 + n) };
    const interaction = discord.interactions.command(where, "ask", { prompt: `question ${n}` });
    await discord.interact(gateway.url, interaction);
    const shown = () =>
      discord
        .callsOf("edit_original")
        .find(({ path, status }) => path.includes(interaction.token) && status === 200)?.ended_at;
    return waitFor("the first text on Discord", shown, 20_000);
  },
  Hub: async ({ hub }, n) => {
    const peer = `peer-${n}`;
    await hub.register(peer);
    await hub.send({ from: peer, to: AGENT, message: `question ${n}` });
    await waitFor("the answer on Hub", () => hub.messagesTo(peer).length > 0, 20_000);
    return performance.now();
  },
};

/** When the first token of the answer to a question was written, by the question's text. */
const firstTokens = new Map<string, number>();

const answer: Script = async (exchange) => {
  const question = String(exchange.request.messages.at(-1)?.content);
  exchange.stream();
  firstTokens.set(question, performance.now());
  const { pieces, pause_ms, say } = question.includes(ASKS_LONG) ? LONG : SHORT;
  for (let piece = 0; piece < pieces; piece++) {
    exchange.chunk({ content: say(piece) });
    await pause(pause_ms);
  }
  exchange.chunk({}, "stop").event("[DONE]").end();
};

const { worker, remove } = await buildWorker();
const model = await startRawEndpoint();
model.script(answer);
try {
  const rows: string[][] = [];
  for (const live of [true, false]) rows.push(...(await measure(worker, model, live)));
  console.log(table(["", "", "median", "worst"], rows));
  console.log(`\n${await longAnswers(worker, model)}`);
} finally {
  await model.stop();
  await remove();
}

function routesFor({ url }: RawEndpoint, live: boolean): string {
  return `
model: { default: m, provider: custom, base_url: "${url}", live: ${live} }
owners: { telegram: ["42"], discord: ["${DISCORD_USER}"] }
access: { strangers: answer, hub_peers: answer }
`;
}

async function measure(worker: Worker, model: RawEndpoint, live: boolean): Promise<string[][]> {
  const world = await startWorld({ endpoints: [], routes: () => routesFor(model, live), worker });
  const rows: string[][] = [];
  try {
    for (const [platform, ask] of Object.entries(PLATFORMS)) {
      const waits: number[] = [];
      for (let n = 0; n < MESSAGES; n += AT_ONCE) {
        firstTokens.clear();
        const batch = Array.from({ length: AT_ONCE }, (_, index) => n + index);
        const times = await Promise.all(batch.map((one) => ask(world, one)));
        waits.push(
          ...times.map((time, index) => time - (firstTokens.get(`question ${n + index}`) ?? Number.NaN)),
        );
      }
      const shown = [median(waits), Math.max(...waits)].map((ms) => `${ms.toFixed(0)} ms`);
      rows.push([platform, live ? "live answers" : "without", ...shown]);
    }
  } finally {
    await world.stop();
  }
  return rows;
}

/** The requests that show a long answer, in each kind of chat, all at once. */
async function longAnswers(worker: Worker, model: RawEndpoint): Promise<string> {
  const world = await startWorld({ endpoints: [], routes: () => routesFor(model, true), worker });
  const { telegram, discord, gateway } = world;
  const [person, group] = [{ id: 42 }, { id: -100_042 }];
  const where = { user_id: DISCORD_USER, channel_id: "9900" };
  const interaction = discord.interactions.command(where, "ask", { prompt: ASKS_LONG });
  try {
    await telegram.deliver(gateway.url, telegram.updates.direct(person, ASKS_LONG));
    await telegram.deliver(
      gateway.url,
      telegram.updates.group(person, group, `@${BOT.username} ${ASKS_LONG}`),
    );
    await discord.interact(gateway.url, interaction);
    const turns = () => gateway.logs.filter(({ event }) => event === "turn").length;
    await waitFor("the end of three long answers", () => turns() === 3, 120_000);
    const inChat = (id: number) =>
      telegram.calls.filter(({ method, body }) => /Message/.test(method) && Number(body.chat_id) === id);
    const calls = {
      "Telegram, private chat": inChat(person.id),
      "Telegram, group": inChat(group.id),
      Discord: discord.callsOf("edit_original"),
    };
    const rows = Object.entries(calls).map(([chat, made]) => {
      const seconds = ((made.at(-1)?.at ?? 0) - (made[0]?.at ?? 0)) / 1_000;
      return [chat, String(made.length), seconds.toFixed(0), (made.length / seconds).toFixed(2)];
    });
    return table([`${LONG.pieces} chunks`, "requests", "seconds", "a second"], rows);
  } finally {
    await world.stop();
  }
}
