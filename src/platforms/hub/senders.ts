import { log } from "../../lib/log.ts";
import type { HubClient } from "./api.ts";
import type { Budget } from "./budget.ts";
import type { Standing } from "./entries.ts";
import { DIRECTORY_FROM, LOOK_UP_GIVE_UP_MS, LOOK_UPS_PER_LOOK } from "./limits.ts";
import type { Pauses } from "./pauses.ts";
import type { Standings } from "./standings.ts";
import type { Sender } from "./waiting.ts";

export interface AskingTools {
  readonly hub: HubClient;
  readonly standings: Standings;
  readonly pauses: Pauses;
  readonly budget: Budget;
}

/**
 * Asks Hub who these senders are, and notes it with each. Many are looked for in Hub's directory, in one request:
 * names that anyone makes up cost nothing to send from. What it does not tell is looked up one by one, as far as
 * the budget goes; who could not be looked up before comes last.
 * @returns how many senders are known now, or paused
 */
export async function ask(senders: readonly Sender[], tools: AskingTools, now: number): Promise<number> {
  if (senders.length >= DIRECTORY_FROM) await readDirectory(senders, tools, now);
  const { pauses } = tools;
  const open = senders
    .filter(({ standing }) => standing === null)
    .sort((a, b) => pauses.failures(a.name) - pauses.failures(b.name))
    .slice(0, LOOK_UPS_PER_LOOK);
  await Promise.all(open.map((sender) => lookUp(sender, tools, now)));
  return senders.filter(({ name, standing }) => standing !== null || pauses.until(name, now) !== null).length;
}

/** Who is not in it is nobody, if it can be trusted: it was read to its end, and knows this gateway. */
async function readDirectory(senders: readonly Sender[], tools: AskingTools, now: number): Promise<void> {
  const { hub, budget } = tools;
  if (!budget.spend()) return;
  const asked = new Map(senders.map((sender) => [sender.name, sender]));
  let knowsThis = false;
  const reading = await hub.directory((name, standing) => {
    if (name === hub.agent) knowsThis = true;
    const sender = asked.get(name);
    if (sender !== undefined) learn(sender, standing, tools, now);
  });
  if (!reading.ok || reading.value.end !== "whole" || !knowsThis) {
    log("warn", "hub_directory_failed", reading.ok ? { reason: reading.value.end } : { ...reading.error });
    return;
  }
  for (const sender of senders) {
    if (sender.standing === null) learn(sender, { registered: false }, tools, now);
  }
}

/** A sender that cannot be looked up is paused. One whose entry at Hub is too large to be read counts as nobody. */
async function lookUp(sender: Sender, tools: AskingTools, now: number): Promise<void> {
  if (!tools.budget.spend()) return;
  const answer = await tools.hub.lookUp(sender.name);
  if (answer.ok) return learn(sender, answer.value, tools, now);
  const { reason } = answer.error;
  if (reason === "not_sent") return;
  log("warn", "hub_sender_unknown", { from: sender.name, ...answer.error });
  const lasts_ms = now - (sender.newest ?? Number.NEGATIVE_INFINITY);
  if (reason === "too_large" || lasts_ms > LOOK_UP_GIVE_UP_MS) {
    return learn(sender, { registered: false }, tools, now);
  }
  tools.pauses.fail(sender.name, now);
}

function learn(sender: Sender, standing: Standing, { standings }: AskingTools, now: number): void {
  sender.standing = standing;
  standings.learn(sender.name, standing, sender.newest, now);
}
