import type { Variables } from "../../env.ts";
import type { Address } from "../../message/message.ts";
import { splitMarkdown } from "../../text/split.ts";
import type { Chunk, Delivery, SendResult } from "../platform.ts";
import { type HubFailure, hubClient } from "./api.ts";
import { MAX_SENT_UNITS } from "./limits.ts";

/** What an agent answers when it has nothing to say: without it, two agents thank each other for ever. */
const NOTHING_TO_SAY = /(?<![\p{L}\p{N}_])NO_REPLY\s*$/u;
/** Texts of a failed turn, which must never reach a peer: it would answer them (docs/hub.md, "Answers"). */
const ERROR_STARTS = ["Operation interrupted:", "API call failed after"];

/** How answers reach another agent. */
export const delivery: Delivery = {
  split: (text) => splitMarkdown(text, MAX_SENT_UNITS),
  prepare,
  send,
  tells_errors: false,
  takes_commands: false,
};

/** The answer without a trailing `NO_REPLY`; null when nothing is left to say, or when it tells of an error. */
function prepare(answer: string): string | null {
  const text = answer.replace(NOTHING_TO_SAY, "").trim();
  return text === "" || ERROR_STARTS.some((start) => text.startsWith(start)) ? null : text;
}

/**
 * Sends one message to a peer, at most once.
 *
 * A POST that Hub's front answers with 502, or that is cut off, may have been stored; Hub has no idempotency
 * key, and the other agent would answer a duplicate as well (docs/hub.md, "Sending"). Nor can a Worker tell a
 * refused connection from one cut off later: both are "Network connection lost". So the recipient is looked up first.
 * While that GET fails nothing was sent, and trying again is safe; once the message is on its way, only Hub's
 * 429 is tried again. A failed callback is none of our concern: the message is in the peer's inbox.
 */
async function send(chunk: Chunk, address: Address, _key: string, env: Variables): Promise<SendResult> {
  const { peer } = address;
  if (typeof peer !== "string") return { kind: "failed", detail: "no peer in the address" };
  const hub = hubClient(env, { get_retry_waits_ms: [] });
  const found = await hub.lookUp(peer);
  if (!found.ok) return retry(found.error, "Hub was not reached");
  if (!found.value.registered) return { kind: "failed", detail: "the peer is not registered at Hub" };
  const sent = await hub.send(peer, chunk.text);
  if (sent.ok) return { kind: "sent", message_id: sent.value };
  if (sent.error.status === 429) return retry(sent.error, "Hub wants a pause");
  return { kind: "failed", detail: describe(sent.error, "the message may not have arrived") };
}

function retry(failure: HubFailure, what: string): SendResult {
  return { kind: "retry", after_ms: failure.retry_after_ms, detail: describe(failure, what) };
}

function describe({ reason, status }: HubFailure, what: string): string {
  return status === undefined ? `${what}: ${reason}` : `${what}: ${reason}, status ${status}`;
}
