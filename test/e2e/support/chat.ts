import type { Update } from "@grammyjs/types";
import type { Person } from "../../../tools/doubles/telegram-updates.ts";
import { waitFor } from "../../../tools/lib/wait.ts";
import type { LogLine } from "../../../tools/lib/worker-log.ts";
import type { World } from "./world.ts";

/** What one turn came to. */
export interface Turn {
  /** What the bot said. */
  readonly said: string;
  /** The turn's log line. */
  readonly log: LogLine;
  /** Milliseconds from the update to the answer in the chat. */
  readonly ms: number;
}

type Stage = Pick<World, "telegram" | "gateway">;

/** Gives an update, or a text said in a private chat, to the gateway; returns what the bot says next there. */
export async function say(world: Stage, person: Person, given: string | Update): Promise<string> {
  const { telegram, gateway } = world;
  const before = telegram.messagesTo(person.id).length;
  const update = typeof given === "string" ? telegram.updates.direct(person, given) : given;
  const { status, body } = await telegram.deliver(gateway.url, update);
  if (status !== 200) throw new Error(`the webhook answered ${status}: ${body}`);
  return (await telegram.waitForMessages(person.id, before + 1))[before]?.text ?? "";
}

/** As `say`, for a message to the model: with the turn's log line, and how long it took. */
export async function turn(world: Stage, person: Person, given: string | Update): Promise<Turn> {
  const { telegram, gateway } = world;
  const from = gateway.logs.length;
  const started = performance.now();
  const before = telegram.messagesTo(person.id).length;
  await say(world, person, given);
  const log = await gateway.waitForLog(
    "turn's log line",
    ({ event, session }) => event === "turn" && session === sessionOf(person),
    from,
  );
  await untilQuiet(gateway, sessionOf(person));
  const calls = [...telegram.callsOf("sendMessage"), ...telegram.callsOf("editMessageText")];
  const ours = calls.filter(({ body }) => Number(body.chat_id) === person.id).map(({ at }) => at);
  const said = telegram.messagesTo(person.id)[before]?.text ?? "";
  return { said, log, ms: Math.round(Math.max(...ours) - started) };
}

/** Waits until a session has delivered all: an answer may still change while it is written. */
export async function untilQuiet({ sql }: World["gateway"], session: string): Promise<void> {
  const unfinished = () => sql(session, "SELECT 1 FROM exchanges WHERE state <> 'done'");
  await waitFor("the end of what is said", async () => (await unfinished()).length === 0);
}

/** The session key of a private Telegram chat. */
export const sessionOf = (person: Person): string => `agent:main:telegram:dm:${person.id}`;

/** Waits until this promise is resolved, and says how many milliseconds that took. */
export async function timeUntil(what: string, promise: Promise<unknown>): Promise<number> {
  const started = performance.now();
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await waitFor(what, () => done);
  return Math.round(performance.now() - started);
}
