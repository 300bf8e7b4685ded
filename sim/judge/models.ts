import type { Place } from "../world/places.ts";
import type { Ask, OperatorWrite, Said } from "../world/traffic.ts";
import { KEYS } from "../world/world.ts";
import { type Case, nameOf } from "./case.ts";
import { judgeRegister, type Operation } from "./register.ts";
import { answeredAt, type Replies } from "./replies.ts";

/** What a request of a model carries together. */
interface Target {
  readonly endpoint: keyof typeof KEYS;
  readonly model: string;
}

const SPARE: Target = { endpoint: "spare", model: "spare-model" };

/** Where a place's questions go while nobody has chosen otherwise. */
function routed({ kind }: Place): Target {
  if (kind === "owner") return { endpoint: "owner", model: "owner-model" };
  return { endpoint: "base", model: kind === "stranger" ? "small-model" : "peer-model" };
}

/** The same under a `/model` choice. */
function chosen(place: Place, choice: string | null): Target {
  if (choice === "fast") return { ...routed(place), model: "fast-model" };
  return choice === "strong" ? { endpoint: "strong", model: "strong-model" } : routed(place);
}

const CHOICES = [null, "fast", "strong"] as const;
/** How long a failure can make another endpoint the first one. */
const UNHEALTHY_MS = 5 * 60_000;
/** KV shows a write everywhere by then, and no cache holds what was before. */
const SETTLED_MS = 15 * 60_000;

/** Every request goes where routes.yaml and the last `/model` send it: endpoint, model and key together. */
export function judgeModels(facts: Case, replies: Replies): string[] {
  const { said, asks } = facts.evidence.traffic;
  const byNumber = new Map(said.map((one) => [one.n, one]));
  const objections: string[] = [];
  const reads = new Map<string, { readonly place: Place; readonly all: Operation[] }>();
  for (const ask of asks) {
    const one = byNumber.get(ask.question ?? -1);
    if (one === undefined) {
      objections.push(`a model was asked about ${ask.question}, which nobody proved to have said`);
      continue;
    }
    if (ask.from !== one.session) objections.push(`${ask.from} asked about ${nameOf(one)}`);
    if (!one.place.answered) objections.push(`a model was asked for ${one.place.name}`);
    const choices = CHOICES.filter((choice) => goesTo(ask, chosen(one.place, choice)));
    if (choices.length > 0) {
      const read = { start: one.at, end: ask.at, values: choices, what: nameOf(one) };
      const here = reads.get(one.session) ?? { place: one.place, all: [] };
      here.all.push(read);
      reads.set(one.session, here);
    } else if (!goesTo(ask, SPARE) || !failedBefore(ask, asks)) {
      objections.push(`${nameOf(one)} went to ${ask.endpoint} as ${ask.model} with ${ask.key}`);
    }
  }
  for (const [session, { place, all }] of reads) {
    // A chat that has moved may have taken its former choice along, or not yet.
    const initial = session === place.session ? [null] : CHOICES;
    objections.push(...judgeRegister(initial, all, writesOf(session, place, facts, replies)));
  }
  return objections;
}

const goesTo = (ask: Ask, { endpoint, model }: Target): boolean =>
  ask.endpoint === endpoint && ask.model === model && ask.key === KEYS[endpoint];

const failedBefore = (ask: Ask, asks: readonly Ask[]): boolean =>
  asks.some(
    (other) =>
      other.whole_at === null &&
      other.at < ask.at &&
      ask.at - other.at < UNHEALTHY_MS &&
      other.endpoint !== "spare",
  );

/** Everything that sets a session's model: its commands, and the operator's hand in KV. */
function writesOf(session: string, place: Place, facts: Case, replies: Replies): Operation[] {
  const mayChoose = place.kind === "owner";
  const commands = facts.commands(session).flatMap((said): Operation[] => {
    const value = mayChoose ? choiceOf(said) : undefined;
    if (value === undefined) return [];
    const end = answeredAt(said, replies) ?? Number.POSITIVE_INFINITY;
    return [{ start: said.at, end, values: [value], what: said.command }];
  });
  const operator = facts.evidence.traffic.operator
    .filter((write) => write.session === session)
    .map((write): Operation => {
      const end = isSeen(write, facts) ? write.at + SETTLED_MS : Number.POSITIVE_INFINITY;
      return { start: write.at, end, values: [write.model], what: "the operator" };
    });
  return [...commands, ...operator];
}

/**
 * Whether the session must see what the operator wrote. It need not while KV cannot be read; nor where a write of its
 * own may have been under way, which KV takes for the newer one.
 */
function isSeen({ at, session, model, dated }: OperatorWrite, facts: Case): boolean {
  const { rates } = facts.evidence.plan;
  if (["kv_read_fails", "kv_slow", "kv_answer_lost", "slow_commit"].some((kind) => kind in rates))
    return false;
  if (!("kv_write_fails" in rates)) return true;
  const busy = facts.evidence.traffic.said.some(
    (said) => said.session === session && said.at > at - SETTLED_MS && said.at < at + SETTLED_MS,
  );
  return dated && model !== null && !busy;
}

function choiceOf({ command }: Said): string | null | undefined {
  if (command === "/new" || command === "/model reset") return null;
  return /^\/model (fast|strong)$/.exec(command)?.[1];
}
