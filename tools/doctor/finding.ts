import type { Plan, Step } from "../connect/plan.ts";

/** What one look came to. */
export interface Finding {
  readonly level: "ok" | "warning" | "error";
  /** Whose it is: a platform, or `gateway`, `routes`, `secrets`, `model`, `clock`, `storage`. */
  readonly about: string;
  readonly text: string;
  /** What to do; a finding that is not ok has it. */
  readonly todo?: string | undefined;
}

export const fine = (about: string, text: string): Finding => ({ level: "ok", about, text });

export const wrong = (level: "warning" | "error", about: string, text: string, todo: string): Finding => ({
  level,
  about,
  text,
  todo,
});

/** A plan as findings: what `connect` would do is what is not as it should be. */
export const ofPlan = ({ notes, steps }: Plan, connect: string): Finding[] => [
  ...notes.map(({ about, level, text, todo }): Finding => {
    return { level: level === "to do" ? "warning" : level, about, text, todo };
  }),
  ...steps.map((step) => wrong(weight(step), step.about, amiss(step.text), connect)),
];

/** A step's `WHAT: WANTED (was: FOUND)` as what is amiss; a step that gives another reason stands as it is. */
function amiss(text: string): string {
  const [, what, wanted, found] = /^([^:]+): (.+) \(was: (.+)\)$/.exec(text) ?? [];
  return what === undefined ? `not as it should be: ${text}` : `${what} should be ${wanted}, is ${found}`;
}

/** Without its address a platform reaches nobody; commands that are listed wrong only look so. */
const weight = ({ call }: Step): "warning" | "error" =>
  (call.api === "telegram" && call.method === "setMyCommands") ||
  (call.api === "discord" && call.method === "PUT")
    ? "warning"
    : "error";

/** One line: the level first, what to do last. */
export const line = ({ level, about, text, todo }: Finding): string =>
  `${level.padEnd(7)}  ${about}: ${text}${todo === undefined ? "" : ` → ${todo}`}`;
