import { expect, test } from "vitest";
import { describeLog, isTold } from "../../tools/demo/show.ts";

const NOW = new Date(2026, 10, 24, 9, 5, 7);
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
const told = (line: Parameters<typeof describeLog>[0]) => describeLog(line, NOW).replace(COLOUR, "");

test("an ignored update is one line, with whose it is and why", () => {
  const line = { level: "info", event: "refused", platform: "telegram", reason: "stranger", user_id: "55" };
  expect(told(line)).toBe("09:05:07  refused telegram user 55: not an owner, and strangers are ignored");
  expect(isTold(line)).toBe(true);
});

test("a turn is one line", () => {
  const line = {
    level: "info",
    event: "turn",
    platform: "telegram",
    source_kind: "owner",
    route: "base",
    model: "m",
    outcome: "ok",
    duration_ms: 12,
  };
  expect(told(line)).toBe("09:05:07  telegram owner → base → m  ok 12 ms");
});

test("what is neither a message's fate nor trouble is told only to those who ask", () => {
  expect(isTold({ level: "info", event: "hub_look" })).toBe(false);
  expect(isTold({ level: "warn", event: "delivery_waits" })).toBe(true);
});
