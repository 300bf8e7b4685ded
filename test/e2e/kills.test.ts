import { expect, test } from "vitest";
import { runKills } from "../../sim/kills/run.ts";

test("SIGKILLs under load: every accepted message is answered once, in order, in its chat", async () => {
  const { accepted, objections, lost, out_of_order } = await runKills({
    kills: 3,
    seed: 8,
    alive_ms: [300, 1_200],
    still_ms: 500,
    aimed: 0.5,
    last_words: true,
  });
  expect(objections).toEqual([]);
  expect({ lost, out_of_order }).toEqual({ lost: 0, out_of_order: 0 });
  expect(accepted).toBeGreaterThan(10);
});
