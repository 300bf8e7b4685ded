/**
 * What a message costs in a chat of 100,000 turns, which at 24 a day are eleven years, beside chats of 10 turns
 * and of 1,000: `node bench/long.ts`. The turns are really taken, in simulated time; it lasts some minutes. Every
 * message that is measured finds a new object, which has to read what it needs. Aim: at most 1.5 times the shortest.
 */
import { type Sessions, withSessions } from "./costs/client.ts";
import { addCosts, type Costs, NOTHING } from "./costs/count.ts";
import type { Script } from "./costs/run.ts";
import { QUESTION } from "./costs/scripts.ts";
import { median, table } from "./table.ts";

const ROUNDS = 9;
/** Runs in a round, and messages in each of them. */
const RUNS = 40;
const MESSAGES = 10;
/** Turns that are taken with one request while a chat grows. */
const STRIDE = 1_000;
const SCRIPT: Script = { text: QUESTION, burst: 1 };

interface Chat {
  readonly number: number;
  turns: number;
}

interface Length {
  readonly turns: number;
  /** The chat that all runs use; a short one would not be short any more. */
  readonly chat: Chat | null;
  readonly cpu_ms: number[];
  readonly costs: Costs;
  bytes: number;
}

let chats = 0;
const newChat = (): Chat => ({ number: ++chats, turns: 0 });
const lengthOf = (turns: number): Length => ({
  turns,
  chat: turns > MESSAGES ? newChat() : null,
  cpu_ms: [],
  costs: { ...NOTHING },
  bytes: 0,
});

await withSessions(async (sessions) => {
  const lengths = [10, 1_000, 100_000].map(lengthOf);
  // The first round is not counted: the runtime compiles what is used often.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const length of lengths) await measure(sessions, length, round > 0);
  }
  console.log(report(lengths));
});

/** Sends so many messages more, and checks that all were answered. */
async function grow(sessions: Sessions, chat: Chat, messages: number) {
  const report = await sessions.run({ chat: chat.number, script: SCRIPT, from: chat.turns, messages });
  if (report.sends !== messages) throw new Error(`${messages} messages got ${report.sends} answers`);
  chat.turns += messages;
  return report;
}

async function measure(sessions: Sessions, length: Length, counted: boolean): Promise<void> {
  const runs = Array.from({ length: RUNS }, () => length.chat ?? newChat());
  for (const chat of runs)
    while (chat.turns < length.turns) await grow(sessions, chat, Math.min(STRIDE, length.turns - chat.turns));
  const before = sessions.cpuMs();
  for (const chat of runs) {
    const { costs, bytes } = await grow(sessions, chat, MESSAGES);
    if (counted) addCosts(length.costs, costs);
    length.bytes = bytes;
  }
  const after = sessions.cpuMs();
  if (counted && before !== null && after !== null) length.cpu_ms.push((after - before) / (RUNS * MESSAGES));
}

function report(lengths: readonly Length[]): string {
  const [shortest] = lengths;
  const messages = ROUNDS * RUNS * MESSAGES;
  const ratio = (length: Length) =>
    median(length.cpu_ms.map((ms, round) => ms / (shortest?.cpu_ms[round] ?? Number.NaN)));
  const rows = lengths.map((length) => [
    length.turns.toLocaleString("en"),
    (length.costs.rows_written / messages).toFixed(2),
    (length.costs.rows_read / messages).toFixed(0),
    (length.costs.statements / messages).toFixed(1),
    ...(length.cpu_ms.length > 0
      ? [median(length.cpu_ms).toFixed(2), ratio(length).toFixed(2)]
      : ["n/a", "n/a"]),
    length.bytes.toLocaleString("en"),
  ]);
  return table(
    ["turns", "rows written", "rows read", "statements", "CPU ms/message", "× 10 turns", "database bytes"],
    rows,
  );
}
