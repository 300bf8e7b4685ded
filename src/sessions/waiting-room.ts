import type { InboundMessage } from "../message/message.ts";
import {
  MAX_MESSAGE_BYTES,
  MAX_WAITING,
  MAX_WAITING_BYTES,
  MAX_WAITING_BYTES_OF_SENDER,
  MAX_WAITING_OF_SENDER,
} from "./limits.ts";

interface Waiting {
  readonly sender: string;
  readonly bytes: number;
}

/** What waits in a session, in messages and bytes, in all and of each sender: all of it is in memory. */
export class WaitingRoom {
  readonly #waiting = new Map<number, Waiting>();
  readonly #told = new Set<string>();

  /** Why there is no room for a message of this size in UTF-8; null if there is. */
  refuses({ source }: InboundMessage, bytes: number): "too_long" | "full" | null {
    if (bytes > MAX_MESSAGE_BYTES) return "too_long";
    const all = [...this.#waiting.values()];
    const own = all.filter(({ sender }) => sender === senderOf(source));
    const room =
      fits(all, bytes, MAX_WAITING, MAX_WAITING_BYTES) &&
      fits(own, bytes, MAX_WAITING_OF_SENDER, MAX_WAITING_BYTES_OF_SENDER);
    return room ? null : "full";
  }

  /** Whether this sender has yet to hear that there is no room; true once, until something of theirs has left. */
  tellsNow({ source }: InboundMessage): boolean {
    const sender = senderOf(source);
    return !this.#told.has(sender) && this.#told.add(sender).size > 0;
  }

  enter(seq: number, { source }: InboundMessage, bytes: number): void {
    this.#waiting.set(seq, { sender: senderOf(source), bytes });
  }

  leave(seq: number): void {
    const left = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    if (left) this.#told.delete(left.sender);
  }
}

const senderOf = ({ user_id, user_name }: InboundMessage["source"]): string => user_id ?? user_name ?? "";

function fits(waiting: readonly Waiting[], bytes: number, most: number, most_bytes: number): boolean {
  const total = waiting.reduce((sum, one) => sum + one.bytes, bytes);
  return waiting.length < most && total <= most_bytes;
}
