/**
 * What Cloudflare counts of a message, and what it asks for it: `node bench/costs.ts`. The sessions' own code runs
 * inside workerd, over its real storage, in simulated time.
 */
import { type Sessions, withSessions } from "./costs/client.ts";
import type { Costs } from "./costs/count.ts";
import { MESSAGES_A_DAY } from "./costs/run.ts";
import { SCENARIOS, type Scenario } from "./costs/scripts.ts";
import { table } from "./table.ts";

/** Days before counting starts: by then old rows make room for new ones, and as many are parked as can be. */
const DAYS_BEFORE = 10;
const DAYS = 20;
const MESSAGES = DAYS * MESSAGES_A_DAY;

/**
 * Dollars for a million beyond what a month of the Paid plan includes, and what the Free plan allows a day:
 * https://developers.cloudflare.com/durable-objects/platform/pricing/,
 * https://developers.cloudflare.com/workers/platform/pricing/, https://developers.cloudflare.com/kv/platform/pricing/
 */
const PRICES = [
  { of: "rows_written", dollars: 1, free_a_day: 100_000 },
  { of: "rows_read", dollars: 0.001, free_a_day: 5_000_000 },
  { of: "object_requests", dollars: 0.15, free_a_day: 100_000 },
  { of: "worker_requests", dollars: 0.3, free_a_day: 100_000 },
  { of: "kv_reads", dollars: 0.5, free_a_day: 100_000 },
  { of: "kv_writes", dollars: 5, free_a_day: 1_000 },
] as const satisfies readonly { of: keyof Costs; dollars: number; free_a_day: number }[];
const [WRITTEN, READ] = PRICES;
const ROWS = [WRITTEN, READ];
/** Of a gigabyte-second in which a Durable Object is awake; each is billed as 128 MB. */
const GB_SECONDS_PRICE = 12.5;
const OBJECT_GB = 0.128;

const HEAD = [
  "a message",
  "rows written",
  "rows read",
  "statements",
  "bytes bound",
  "object requests",
  "KV reads",
  "KV writes",
  "Free: messages a day by rows written",
  "by all limits",
  "$ per million for rows",
  "for all",
];

const rows = await withSessions((sessions) =>
  Promise.all(SCENARIOS.map(async (scenario, chat) => row(scenario, await run(scenario, chat, sessions)))),
);
console.log(`${table(HEAD, rows)}\n\n${arithmetic()}`);

/** Runs a scenario in a chat of its own. Rejects when it went otherwise than its name says. */
async function run(
  { name, script, sends, says }: Scenario,
  chat: number,
  sessions: Sessions,
): Promise<Costs> {
  const from = DAYS_BEFORE * MESSAGES_A_DAY;
  await sessions.run({ chat, script, from: 0, messages: from });
  const report = await sessions.run({ chat, script, from, messages: MESSAGES });
  const asNamed =
    report.sends === sends * MESSAGES &&
    report.last.startsWith(says) &&
    report.duplicates === (script.redelivered ? MESSAGES : 0) &&
    report.parked > 0 === (script.blocked === true);
  if (asNamed) return report.costs;
  throw new Error(`"${name}" went otherwise: ${JSON.stringify(report)}`);
}

function row({ name }: Scenario, costs: Costs): string[] {
  const each = (key: keyof Costs) => costs[key] / MESSAGES;
  const dollars = (prices: readonly (typeof PRICES)[number][]) =>
    prices.reduce((sum, { of, dollars }) => sum + each(of) * dollars, 0).toFixed(2);
  return [
    name,
    each("rows_written").toFixed(2),
    each("rows_read").toFixed(0),
    each("statements").toFixed(1),
    each("bound_bytes").toFixed(0),
    each("object_requests").toFixed(2),
    each("kv_reads").toFixed(2),
    each("kv_writes").toFixed(2),
    aDay(WRITTEN.free_a_day / each("rows_written")),
    aDay(Math.min(...PRICES.map(({ of, free_a_day }) => free_a_day / each(of)))),
    dollars(ROWS),
    dollars(PRICES),
  ];
}

function aDay(messages: number): string {
  return Number.isFinite(messages) ? Math.floor(messages).toLocaleString("en") : "any";
}

function nameOf(key: keyof Costs): string {
  return key.replace("_", " ").replace("kv", "KV");
}

function arithmetic(): string {
  const terms = (prices: readonly (typeof PRICES)[number][]) =>
    prices.map(({ of, dollars }) => `${dollars} × ${nameOf(of)}`).join(" + ");
  const limits = PRICES.map(({ of, free_a_day }) => `${free_a_day.toLocaleString("en")} ${nameOf(of)}`);
  const second = (OBJECT_GB * GB_SECONDS_PRICE).toFixed(2);
  return [
    `${MESSAGES_A_DAY} messages a day, counted over ${DAYS} days after the first ${DAYS_BEFORE}. Rows are the runtime's rowsWritten and`,
    "rowsRead, and one written for each alarm that is set. In the averages: the reuse of old rows, the daily sums,",
    "the alarms that ring, the register's row once a day and its look every six hours.",
    `Free: messages a day = the limit / what a message takes of it; the limits are ${limits.join(", ")}.`,
    `$ per million for rows = ${terms(ROWS)}; for all = ${terms(PRICES)} (a message is one Worker request).`,
    `The object's time comes on top: ${OBJECT_GB} GB × ${GB_SECONDS_PRICE} = $${second} per million for each second that an answer takes.`,
  ].join("\n");
}
