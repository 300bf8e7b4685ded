import type { Script } from "./run.ts";

/** What the double of the model is asked: it answers with as many characters. */
const ask = (characters: number): string =>
  `${characters} characters: why does the kettle on the left whistle a tone lower than the one on the right?`;

/** A question with an answer of ordinary length. */
export const QUESTION = ask(400);

export interface Scenario {
  readonly name: string;
  readonly script: Script;
  /** What the platform must have been given for each message that is counted, and how the last of it begins. */
  readonly sends: number;
  readonly says: string;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "answered, on its own",
    script: { text: QUESTION, burst: 1 },
    sends: 1,
    says: "[owner-model] ",
  },
  {
    name: "answered, one of 8 within seconds",
    script: { text: QUESTION, burst: 8 },
    sends: 1,
    says: "[owner-model] ",
  },
  {
    name: "answered by the model that /model chose",
    script: { text: QUESTION, first: "/model other-model", burst: 1 },
    sends: 1,
    says: "[other-model] ",
  },
  {
    name: "answered in three chunks",
    script: { text: ask(9_000), burst: 1 },
    sends: 3,
    says: "",
  },
  {
    name: "/model NAME itself",
    script: { text: "/model other-model", burst: 1 },
    sends: 1,
    says: "Model: other-model ",
  },
  {
    name: "parked, the user having blocked the bot",
    script: { text: QUESTION, burst: 1, blocked: true },
    sends: 1,
    says: "[owner-model] ",
  },
  {
    name: "redelivered",
    script: { text: QUESTION, burst: 1, redelivered: true },
    sends: 1,
    says: "[owner-model] ",
  },
];
