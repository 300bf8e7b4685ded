import { admit, classify } from "../../routing/source.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import { type Entry, type Standing, sourceOf } from "./entries.ts";
import type { Pauses } from "./pauses.ts";
import type { Standings } from "./standings.ts";
import type { InboxStore } from "./store.ts";

/**
 * What is to be done with an entry.
 * - `known`: nothing, its session has it; `old`: nothing, it was there before this gateway answered;
 * - `ignored`, `refused`: nothing, for this reason;
 * - `paused`: its sender's messages could not be handed on, and are tried again then (Unix milliseconds);
 * - `waits`: it is handed over, once it is known who sent it (null: Hub has to be asked).
 */
export type Verdict =
  | { readonly kind: "known" | "old" }
  | { readonly kind: "ignored" | "refused"; readonly reason: string }
  | { readonly kind: "paused"; readonly until: number }
  | { readonly kind: "waits"; readonly standing: Standing | null };

/** What an entry is judged by. */
export interface Judges {
  readonly store: Pick<InboxStore, "has">;
  readonly standings: Pick<Standings, "of">;
  readonly pauses: Pick<Pauses, "until">;
  readonly routes: Pick<CompiledRoutes, "owners" | "homes" | "access">;
  /** What was sent before is not answered (Unix milliseconds). */
  readonly answer_from: number;
  /** True at the very first look: what has no time counts as old then. */
  readonly first: boolean;
}

/** Judges one entry by what is known, without asking anybody. */
export function judge(entry: Entry, judges: Judges, now: number): Verdict {
  const { store, standings, pauses, routes, answer_from, first } = judges;
  if (store.has(entry.id)) return { kind: "known" };
  if (entry.sent_at === null ? first : entry.sent_at < answer_from) return { kind: "old" };
  if (entry.uninteresting !== null) return { kind: "ignored", reason: entry.uninteresting };
  const standing = standings.of(entry, now);
  const reason = standing === null ? null : refusal(entry, standing, routes);
  if (reason !== null) return { kind: "refused", reason };
  const until = pauses.until(entry.from, now);
  return until === null ? { kind: "waits", standing } : { kind: "paused", until };
}

/** Why an entry from a sender of this standing is not answered; null if it is. */
export function refusal(entry: Entry, standing: Standing, routes: Judges["routes"]): string | null {
  const source = sourceOf(entry, standing);
  const admission = admit(source, classify(source, routes), routes.access);
  return admission.ok ? null : admission.reason;
}

/** Whether nothing is left to do for an entry. */
export const isDealtWith = ({ kind }: Verdict): boolean => kind !== "waits" && kind !== "paused";
