import { expect, test } from "vitest";
import { runKills } from "../../sim/kills/run.ts";

test("SIGKILLs under load: every accepted message is answered once, in order, in its chat", async () => {
  const { accepted, objections, lost, out_of_order } = await runKills({
    kills: 3,
    seed: 7,
    alive_ms: [500, 2_000],
    still_ms: 1_000,
  });
  expect(objections).toEqual([]);
  expect({ lost, out_of_order }).toEqual({ lost: 0, out_of_order: 0 });
  expect(accepted).toBeGreaterThan(10);
});
