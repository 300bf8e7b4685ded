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
const CLASH_MS = 5_000;
/** A session writes its choice to KV within this time, or with its next turn. */
const WRITES_WITHIN_MS = 60_000;
const MOVES_WITHIN_MS = 2 * 60_000;
/** After such a silence a session is freed. */
const FREED_AFTER_MS = 90 * 86_400_000;
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
    if (isForgotten(one, facts)) continue;
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
    objections.push(
      ...judgeRegister(all, [...writesOf(session, place, facts, replies), ...moveTo(session, place, facts)]),
    );
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

/** A chat that has moved takes its former choice along with its first message, or as much of it as KV shows then. */
function moveTo(session: string, place: Place, facts: Case): Operation[] {
  const [first] = facts.sessions.get(session) ?? [];
  if (session === place.session || first === undefined) return [];
  return [{ start: first.at, end: first.at + MOVES_WITHIN_MS, values: CHOICES, what: "the move" }];
}

/**
 * Whether the session must see what the operator wrote. It need not while KV cannot be read, or where it had no cause
 * to look before the operator wrote again; nor where a write of its own may have been under way, which KV takes for
 * the newer one.
 */
function isSeen({ at, session, model, dated }: OperatorWrite, facts: Case): boolean {
  const { rates } = facts.evidence.plan;
  if (isUnreadable(facts)) return false;
  const said = facts.sessions.get(session) ?? [];
  const operator = facts.evidence.traffic.operator.filter((write) => write.session === session);
  const again = operator.find((write) => write.at > at);
  if (again && !said.some((one) => one.at > at + SETTLED_MS && one.at < again.at)) return false;
  const busy = said.some((one) => Math.abs(one.at - at) < SETTLED_MS);
  const own = said.some((one) => choiceOf(one) !== undefined && Math.abs(one.at - at) < WRITES_WITHIN_MS);
  const newer = dated && model !== null && !own;
  if ("kv_write_fails" in rates) return newer && !busy;
  // KV takes one write a second: what a session could not write then, it writes later.
  const writes = [...operator, ...said.filter((one) => choiceOf(one) !== undefined)];
  const clash = said.some((one) =>
    writes.some((write) => write !== one && Math.abs(one.at - write.at) < CLASH_MS),
  );
  return newer || (!busy && !clash);
}

/** Whether KV cannot be read at times, or the answer comes too late. */
const isUnreadable = ({ evidence }: Case): boolean =>
  ["kv_read_fails", "kv_slow", "kv_answer_lost", "slow_commit"].some((kind) => kind in evidence.plan.rates);

/**
 * Whether the session may not know what was chosen: it was freed after a long silence, and has only KV to go by, which
 * cannot be read.
 */
function isForgotten({ session, at }: Said, facts: Case): boolean {
  if (!isUnreadable(facts)) return false;
  const before = (facts.sessions.get(session) ?? []).filter(
    (one) => one.at <= at && one.accepted_at !== null,
  );
  const freed = before.findLastIndex(
    (one, index) => one.at - (before[index - 1]?.at ?? one.at) > FREED_AFTER_MS,
  );
  return freed > 0 && !before.slice(freed).some((one) => choiceOf(one) !== undefined);
}

function choiceOf({ command }: Said): string | null | undefined {
  if (command === "/new" || command === "/model reset") return null;
  return /^\/model (fast|strong)$/.exec(command)?.[1];
}
