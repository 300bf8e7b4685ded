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
const DAYS_BEFORE = 6;
const DAYS = 20;
const MESSAGES = DAYS * MESSAGES_A_DAY;

/**
 * Dollars for a million, beyond what a month of the Paid plan includes:
 * https://developers.cloudflare.com/durable-objects/platform/pricing/,
 * https://developers.cloudflare.com/workers/platform/pricing/, https://developers.cloudflare.com/kv/platform/pricing/
 */
const PRICES: readonly (readonly [of: keyof Costs, dollars: number])[] = [
  ["rows_written", 1],
  ["rows_read", 0.001],
  ["object_requests", 0.15],
  ["worker_requests", 0.3],
  ["kv_reads", 0.5],
  ["kv_writes", 5],
];
/** Of a gigabyte-second in which a Durable Object is awake; each is billed as 128 MB. */
const GB_SECONDS_PRICE = 12.5;
const OBJECT_GB = 0.128;
/** Rows written that the Free plan allows a day. */
const FREE_ROWS = 100_000;

const HEAD = [
  "a message",
  "rows written",
  "rows read",
  "statements",
  "bytes bound",
  "object requests",
  "KV reads",
  "KV writes",
  "Free: messages a day",
  "$ per million",
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
  const written = each("rows_written");
  return [
    name,
    written.toFixed(2),
    each("rows_read").toFixed(0),
    each("statements").toFixed(1),
    each("bound_bytes").toFixed(0),
    each("object_requests").toFixed(2),
    each("kv_reads").toFixed(2),
    each("kv_writes").toFixed(2),
    written > 0 ? Math.floor(FREE_ROWS / written).toLocaleString("en") : "any",
    PRICES.reduce((sum, [key, dollars]) => sum + each(key) * dollars, 0).toFixed(2),
  ];
}

function arithmetic(): string {
  const terms = PRICES.map(([key, dollars]) => `${dollars} × ${key.replace("_", " ").replace("kv", "KV")}`);
  const second = (OBJECT_GB * GB_SECONDS_PRICE).toFixed(2);
  return [
    `${MESSAGES_A_DAY} messages a day, counted over ${DAYS} days after the first ${DAYS_BEFORE}. Rows are the runtime's rowsWritten and`,
    "rowsRead, and one written for each alarm that is set. In the averages: the reuse of old rows, the daily sums,",
    "the alarms that ring, the register's row once a day and its look every six hours.",
    `Free: messages a day = ${FREE_ROWS.toLocaleString("en")} rows written / rows written.`,
    `$ per million = ${terms.join(" + ")} (a message is one Worker request).`,
    `The object's time comes on top: ${OBJECT_GB} GB × ${GB_SECONDS_PRICE} = $${second} per million for each second that an answer takes.`,
  ].join("\n");
}
