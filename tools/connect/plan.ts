/** One request with which a platform is set up. */
export type Call =
  | { readonly api: "telegram"; readonly method: string; readonly params: object }
  | {
      readonly api: "discord";
      readonly method: "PUT" | "PATCH";
      readonly path: string;
      readonly body: object;
    }
  | { readonly api: "hub"; readonly path: string; readonly body: object };

/** Something that was found, or that only a person can do. */
export interface Note {
  /** Whose it is: `Telegram`, `Discord`, `Hub`, `secrets`, `routes`, `gateway`. */
  readonly about: string;
  readonly level: "ok" | "to do" | "error";
  readonly text: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** Something that is not as it should be, and the call that makes it so. */
export interface Step {
  readonly about: string;
  /** What becomes of what, as `webhook: https://… (was: none)`. */
  readonly text: string;
  readonly call: Call;
}

/** What was found, compared with what is wanted. */
export interface Plan {
  readonly notes: readonly Note[];
  readonly steps: readonly Step[];
  /** Whom people write to once the steps are done, as `@bot`; absent where nobody is reached. */
  readonly bot?: string;
}

export const joined = (plans: readonly Plan[]): Plan => ({
  notes: plans.flatMap(({ notes }) => notes),
  steps: plans.flatMap(({ steps }) => steps),
});

/** A platform whose state cannot be read. */
export const unreadable = (about: string, text: string, todo: string): Plan => ({
  notes: [{ about, level: "error", text, todo }],
  steps: [],
});

/** How many there were; as many as there are to be are others, else there would be nothing to do. */
export const were = (found: number, wanted: number): string =>
  found === wanted ? `${found}, others` : String(found || "none");
