import { INFERENCE_ERRORS, type InferenceErrorReason } from "../inference/errors.ts";
import type { Level } from "../lib/log.ts";

/** How an exchange that came to this end is treated. */
interface Treatment {
  readonly level: Level;
  /** Whether the message is parked for the operator to see, once its sender knows. */
  readonly parked: boolean;
  /** Whether question and answer belong to the conversation once the answer is delivered. */
  readonly kept: boolean;
}

const OWN = {
  ok: { level: "info", parked: false, kept: true },
  /** Ended by its user. */
  stopped: { level: "info", parked: false, kept: false },
  /** A command, which is no part of the conversation. */
  command: { level: "info", parked: false, kept: false },
  /** The model cannot be shown what the message carries. */
  declined: { level: "info", parked: false, kept: false },
  /** Part of another message, which has its text and its answer. */
  joined: { level: "info", parked: false, kept: false },
  /** A peer's, to which nothing more is said. */
  hushed: { level: "info", parked: false, kept: false },
  /** Too much waits in the session already. */
  full: { level: "warn", parked: false, kept: false },
  /** Started again and again without coming to an end. */
  crashed: { level: "error", parked: true, kept: false },
  /** No answer could reach the sender any more, so that none was made. */
  expired: { level: "warn", parked: true, kept: false },
} as const satisfies { readonly [outcome: string]: Treatment };

type OwnOutcome = keyof typeof OWN;

/** What an exchange came to: an end of its own, or why inference gave no answer. */
export type Outcome = OwnOutcome | InferenceErrorReason;

/** Why a message is parked: what it came to, or that its answer was not delivered, or cannot be read. */
export type ParkedReason = Outcome | "undelivered" | "unreadable";

/** How an exchange with this outcome is treated. */
export function treatmentOf(outcome: Outcome): Treatment {
  if (isOwn(outcome)) return OWN[outcome];
  return { level: INFERENCE_ERRORS[outcome].level, parked: true, kept: false };
}

/** An outcome as the store gives it back; one that this version does not have counts as crashed. */
export function readOutcome(text: string | null): Outcome {
  if (text !== null && (isOwn(text) || isReason(text))) return text;
  return text === null ? "ok" : "crashed";
}

const isOwn = (outcome: string): outcome is OwnOutcome => Object.hasOwn(OWN, outcome);
const isReason = (outcome: string): outcome is InferenceErrorReason =>
  Object.hasOwn(INFERENCE_ERRORS, outcome);
