import type { Plan } from "../plan/plan.ts";
import type { Gateway } from "../runtime/gateway.ts";
import { known } from "../runtime/known.ts";
import type { Rest } from "../runtime/loop.ts";
import type { SimulatedObject } from "../runtime/object.ts";
import type { Ask, Said, Send, Traffic } from "../world/traffic.ts";

/** What the judges look at. */
export interface Evidence {
  readonly plan: Plan;
  readonly traffic: Traffic;
  readonly gateway: Gateway;
  /** How the run came to its end. */
  readonly rest: Rest;
  /** When faults stopped, in Unix milliseconds. */
  readonly end: number;
}

/** A word of an answer: `a12.0.3!`. */
export interface Word {
  readonly question: number;
  readonly try_index: number;
  readonly place: number;
  readonly last: boolean;
}

const wordsOf = (text: string): readonly Word[] =>
  [...text.matchAll(/\ba(\d+)\.(\d+)\.(\d+)(!?)/g)].map(([, question, attempt, place, mark]) => ({
    question: Number(question),
    try_index: Number(attempt),
    place: Number(place),
    last: mark === "!",
  }));

/** How objections call a message: `q12`, or `/status (13)`. */
export const nameOf = ({ n, kind, command, place }: Said): string =>
  `${kind === "question" ? `q${n}` : `${command} (${n})`} in ${place.name}`;

export const wasShown = ({ shown }: Send): boolean => shown;

/** The evidence, put in order by what it is about. */
export class Case {
  readonly evidence: Evidence;
  /** Requests to show a part of the answer to a question, by its number. */
  readonly #parts = new Map<number, Send[]>();
  /** Requests to show anything else, by session. */
  readonly #lines = new Map<string, Send[]>();
  readonly #words = new Map<string, readonly Word[]>();
  readonly #asks = new Map<number | null, Ask[]>();
  readonly #asksWith = new Map<number, Ask[]>();
  /** What was said, by session. */
  readonly sessions: ReadonlyMap<string, readonly Said[]>;
  readonly #objects: ReadonlyMap<string, SimulatedObject>;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    const { traffic, gateway } = evidence;
    this.sessions = Map.groupBy(traffic.said, ({ session }) => session);
    this.#objects = new Map(gateway.objects().map((object) => [object.name, object]));
    for (const send of traffic.sends) {
      const [word] = this.wordsIn(send.text);
      if (word) addTo(this.#parts, word.question, send);
      else addTo(this.#lines, send.from, send);
    }
    for (const ask of traffic.asks) {
      addTo(this.#asks, ask.question, ask);
      for (const n of ask.holds) addTo(this.#asksWith, n, ask);
    }
  }

  /** The words of answers in a text, in order. */
  wordsIn(text: string): readonly Word[] {
    return known(this.#words, text, () => wordsOf(text));
  }

  questions(): Said[] {
    return this.evidence.traffic.said.filter(({ kind, place }) => kind === "question" && place.answered);
  }

  /** The commands of all sessions, or of one. */
  commands(session?: string): Said[] {
    return this.evidence.traffic.said.filter(
      (said) => said.kind === "command" && (session === undefined || said.session === session),
    );
  }

  partsOf(question: number): readonly Send[] {
    return this.#parts.get(question) ?? [];
  }

  /** What a session sent that is no part of an answer: answers to commands, and lines about failures. */
  linesOf(session: string): readonly Send[] {
    return this.#lines.get(session) ?? [];
  }

  asksOf(question: number): readonly Ask[] {
    return this.#asks.get(question) ?? [];
  }

  /** Requests of a model that hold a question: alone, or joined to another one. */
  asksWith(question: number): readonly Ask[] {
    return this.#asksWith.get(question) ?? [];
  }

  /** Whether it was last asked as part of another one. */
  isJoined({ n }: Said): boolean {
    const last = this.asksWith(n).at(-1);
    return last !== undefined && last.question !== n;
  }

  /**
   * What may be one message with this one: written in one, or sent so soon before or after such parts that Telegram
   * tells of no pause; and what goes on with those.
   */
  writtenWith(said: Said): readonly Said[] {
    const here = (this.sessions.get(said.session) ?? []).filter(({ kind }) => kind === "question");
    const one = new Set([said]);
    for (const part of one) {
      for (const next of here) if (isWrittenWith(part, next)) one.add(next);
    }
    return [...one];
  }

  /** Whether the object crashed, or its storage failed, between two times. */
  troubled(session: string, from: number, to: number): boolean {
    return this.troubles(session).some((at) => at >= from && at <= to);
  }

  /** Whether its storage was full between two times: it then forgets what it has answered. */
  forgot(session: string, from: number, to: number): boolean {
    return this.#objects.get(session)?.fulls.some((at) => at >= from && at <= to) ?? false;
  }

  troubles(session: string): readonly number[] {
    return this.#objects.get(session)?.troubles ?? [];
  }
}

/** Parts are sent at most so far apart, in whole seconds. */
const SENT_TOGETHER_MS = 4_000;

function isWrittenWith(a: Said, b: Said): boolean {
  if (a.one_with !== undefined && a.one_with === b.one_with) return true;
  const hasParts = a.one_with !== undefined || b.one_with !== undefined;
  return hasParts && a.place.kind === b.place.kind && Math.abs(a.at - b.at) < SENT_TOGETHER_MS;
}

function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
