import { beforeEach, describe, expect, test } from "vitest";
import { look } from "../../../src/platforms/hub/look.ts";
import { naiveTime } from "../../../tools/doubles/hub-store.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

describe("the very first look", () => {
  beforeEach(() => {
    stage().seen.firstLookDone = false;
    stage().hub.put("talaria", {
      from: "argus",
      message: "last week",
      timestamp: naiveTime(Date.now() - 11 * 60_000),
    });
    stage().hub.put("talaria", { from: "argus", message: "undated", timestamp: "some time ago" });
    stage().hub.put("talaria", {
      from: "argus",
      message: "just now",
      timestamp: naiveTime(Date.now() - 9 * 60_000),
    });
  });

  test("answers only what is younger than ten minutes, and counts the rest in one line", async () => {
    await stage().look();
    expect(stage().logged.filter((line) => line.includes("hub_first_look"))).toEqual([
      '{"level":"info","event":"hub_first_look","unread":4,"too_old":2}',
    ]);
    expect(stage().logged.join()).not.toContain("last week");
    expect(stage().unread()).toEqual([]);
    expect(stage().texts()).toEqual(["just now"]);
  });

  test("happens once: later, a message is answered however old it is", async () => {
    await stage().look();
    stage().handed.length = 0;
    stage().hub.put("talaria", {
      from: "argus",
      message: "found late",
      timestamp: naiveTime(Date.now() - 3_600_000),
    });
    await stage().look();
    expect(stage().texts()).toEqual(["found late"]);
  });

  test("that could not read the inbox was none", async () => {
    stage().hub.failNext(1, 502);
    expect(await look(stage().tools)).toMatchObject({ ok: false });
    expect(stage().seen.firstLookDone).toBe(false);
  });
});
