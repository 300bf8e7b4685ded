import { overheardIn } from "../world/traffic.ts";
import type { Evidence } from "./case.ts";

/** For so long what was overheard may be told; and for as long as a question may wait after that. */
const TOLD_MS = 48 * 3_600_000;

/** What is overheard is neither answered nor asked by itself, and is told in its own room only. */
export function judgeOverheard({ traffic }: Pick<Evidence, "traffic">): string[] {
  const { overheard, said, asks, sends } = traffic;
  const refs = new Map(overheard.map((one) => [`${one.place.chat} ${one.ref}`, one]));
  const answered = sends.flatMap(({ platform, to, ref }) => {
    const one = platform === "telegram" ? refs.get(`${to} ${ref}`) : undefined;
    return one ? [`the overheard o${one.n} was answered`] : [];
  });
  const told = asks.flatMap(({ question, messages, at }) => {
    const asked = said.find(({ n }) => n === question);
    return overheardIn(messages.at(-1)?.content ?? "").flatMap((n) => {
      if (!asked) return [`the overheard o${n} was asked by itself`];
      const one = overheard.find((candidate) => candidate.n === n);
      const here = one?.place.chat === asked.place.chat && one.place.thread === asked.place.thread;
      if (!one || !here) return [`the overheard o${n} was told with q${question} of another room`];
      return at - one.at > TOLD_MS ? [`the overheard o${n} was told after days, with q${question}`] : [];
    });
  });
  return [...answered, ...told];
}
