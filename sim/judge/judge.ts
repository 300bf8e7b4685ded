import { judgeAnswers, judgeCommands } from "./answers.ts";
import { Case, type Evidence } from "./case.ts";
import { judgeInside } from "./inside.ts";
import { judgeLive } from "./live.ts";
import { judgeModels } from "./models.ts";
import { judgeOrder } from "./order.ts";
import { judgeOverheard } from "./overheard.ts";
import { matchReplies } from "./replies.ts";
import { judgeTurns } from "./turns.ts";
import { judgeWriting } from "./writing.ts";

/** What there is to object to in a run. `inside` looks into the objects; all others see the outside's traffic only. */
export function judge(evidence: Evidence): string[] {
  const facts = new Case(evidence);
  const replies = matchReplies(facts);
  const { forged, odd } = evidence.traffic;
  return [
    ...judgeInside(evidence),
    ...judgeAnswers(facts, replies),
    ...judgeCommands(facts, replies),
    ...judgeLive(facts, replies),
    ...judgeOrder(facts, replies),
    ...judgeModels(facts, replies),
    ...judgeTurns(facts, replies),
    ...judgeOverheard(evidence),
    ...judgeWriting(facts),
    // A callback of Hub proves nothing, and needs to prove nothing: it is only a hint.
    ...forged
      .filter(({ place, status }) => place.platform !== "hub" && status === 200)
      .map(({ n }) => `the forged message ${n} was taken`),
    ...odd,
  ];
}
