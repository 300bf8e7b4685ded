import type { InboundMessage, Part } from "../message/message.ts";
import type { Job } from "./job.ts";
import {
  ALBUM_WAIT_MS,
  CUT_WAIT_MS,
  MAX_JOINED_FILES,
  MAX_JOINED_UNITS,
  SENT_TOGETHER_MS,
} from "./limits.ts";

/** How long after its arrival more of a message is waited for, in milliseconds: 0 for an ordinary one. */
export function waitFor({ part }: InboundMessage): number {
  if (part?.album !== undefined || part?.forwarded) return ALBUM_WAIT_MS;
  return part?.cut === undefined ? 0 : CUT_WAIT_MS;
}

/** Whether a message goes on with the one before it: an album, a text that was cut, something forwarded. Pure. */
export function goesOn(message: InboundMessage, before: InboundMessage): boolean {
  const [a, b] = [before.part, message.part];
  if (!a || !b || message.source.user_id !== before.source.user_id) return false;
  if (a.album !== undefined && a.album === b.album) return true;
  const follows = (message.sequence ?? 0) >= (before.sequence ?? 0);
  return follows && b.sent_at - a.sent_at <= SENT_TOGETHER_MS && isOne(a, b);
}

const isOne = (a: Part, b: Part): boolean =>
  Boolean(a.forwarded || b.forwarded) || (a.cut !== undefined && b.album === undefined);

/** Of the jobs behind it, those that go on with this one, whoever else speaks in between. */
export function partsBehind(job: Job, behind: readonly Job[]): readonly Job[] {
  const parts: Job[] = [];
  let whole = job.exchange.message;
  for (const next of behind) {
    const { state, message } = next.exchange;
    if (state !== "waiting" || message.source.user_id !== whole.source.user_id) continue;
    const more = join(whole, message);
    const fits = more.text.length <= MAX_JOINED_UNITS && (more.attachments?.length ?? 0) <= MAX_JOINED_FILES;
    if (!goesOn(message, whole) || !fits) break;
    parts.push(next);
    whole = more;
  }
  return parts;
}

/** Two messages as one, which is the first as to its answer and delivery, and goes on where the second ends. */
export function join(first: InboundMessage, second: InboundMessage): InboundMessage {
  const cut = second.part?.forwarded ? undefined : first.part?.cut;
  // In a text that was cut it would stand in the middle; who speaks, or what is replied to, is said already.
  const isSaid = cut !== undefined || second.preface === first.preface;
  const texts = [first.text, `${(!isSaid && second.preface) || ""}${second.text}`];
  const files = [...(first.attachments ?? []), ...(second.attachments ?? [])];
  const attachments = files.filter(({ ref }, index) => files.findIndex((file) => file.ref === ref) === index);
  return {
    ...first,
    text: texts.filter((text) => text !== "").join(cut ?? "\n"),
    ...(attachments.length > 0 && { attachments }),
    ...(second.literal && { literal: second.literal }),
    part: second.part,
    // An edit of one of them would replace all.
    ref: undefined,
  };
}
