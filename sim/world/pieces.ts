import type { Message } from "@grammyjs/types";
import type { PlanEvent } from "../plan/events.ts";

/** Something that is written as one and delivered in pieces. */
export type Pieces = Extract<PlanEvent, { kind: "pieces" }>;

/** What makes a message one of them. */
export interface Piece {
  /** The number of the first one. */
  readonly one_with: number;
  readonly more: Partial<Message>;
}

/** An app cuts what is longer than 4,096 UTF-16 units, some at a blank before. */
const CUT_UNITS = [4_096, 4_090, 4_001];

/** Piece `q<n>`: what it says, and how Telegram marks it. */
export function pieceOf(
  form: Pieces["form"],
  n: number,
  isLast: boolean,
  isFirst: boolean,
): { readonly text: string; readonly more: Partial<Message> } {
  const units = CUT_UNITS[n % CUT_UNITS.length] ?? 0;
  if (form === "text" && !isLast) return { text: `q${n} `.padEnd(units, "."), more: {} };
  const date = Math.floor(Date.now() / 1_000);
  const forward_origin = { type: "hidden_user", sender_user_name: "Hermes", date } as const;
  return { text: `q${n}`, more: form === "forward" && !isFirst ? { forward_origin } : {} };
}
