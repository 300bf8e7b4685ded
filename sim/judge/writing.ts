import type { Said } from "../world/traffic.ts";
import { type Case, nameOf } from "./case.ts";

/** What somebody wrote as one is asked as one, and what they corrected as they corrected it. */
export function judgeWriting(facts: Case): string[] {
  const { edits, asks } = facts.evidence.traffic;
  const strangers = asks.flatMap(({ holds, messages }) =>
    edits
      .filter(({ n, of }) => !holds.includes(of) && says(messages.at(-1)?.content, n))
      .map(({ of }) => `the correction of q${of} was asked with q${holds.join(" and q")}`),
  );
  // Side by side nobody can tell what came first.
  if (facts.evidence.plan.impatient) return strangers;
  return [
    ...strangers,
    ...facts.questions().flatMap((said) => [...split(said, facts), ...uncorrected(said, facts)]),
  ];
}

/**
 * A piece that was there before the first one was asked belongs to it, whatever ended the object meanwhile; unless
 * something else was said in between.
 */
function split(said: Said, facts: Case): string[] {
  const { n, one_with, session, accepted_at } = said;
  if (one_with === undefined || n === one_with || accepted_at === null) return [];
  const [first] = facts.asksOf(one_with);
  const [own] = facts.asksOf(n);
  if (first === undefined || own === undefined || accepted_at >= first.at) return [];
  const here = (facts.sessions.get(session) ?? []).filter(({ kind }) => kind === "question");
  const start = here.find((one) => one.n === one_with)?.at ?? 0;
  const others = here.filter((one) => one.one_with !== one_with && one.at >= start && one.at <= said.at);
  return others.length > 0 || facts.forgot(session, said.at, own.at)
    ? []
    : [`${nameOf(said)} was split from q${one_with}`];
}

/** A correction that came before its question was asked is what was asked. */
function uncorrected(said: Said, facts: Case): string[] {
  const [first] = facts.asksOf(said.n);
  if (first === undefined || first.holds.length > 1) return [];
  const edits = facts.evidence.traffic.edits.filter(({ of, accepted_at }) => {
    return of === said.n && accepted_at !== null && accepted_at < first.at - READ_BEFORE_MS;
  });
  const last = edits.at(-1);
  if (last === undefined || said.accepted_at === null || said.accepted_at > last.at) return [];
  const later = facts.evidence.traffic.edits.filter(({ of, at }) => of === said.n && at >= last.at);
  const content = first.messages.at(-1)?.content;
  return later.some(({ n }) => says(content, n)) ? [] : [`${nameOf(said)} was asked without its correction`];
}

/** Between a turn's last look at its message and its request's way to the model. */
const READ_BEFORE_MS = 500;

const says = (text: string | undefined, edit: number): boolean =>
  new RegExp(`\\be${edit}\\b`).test(text ?? "");
