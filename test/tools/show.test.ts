import { expect, test } from "vitest";
import { describeCast, describeLog, excerpt, isTold, sayReady, whole } from "../../tools/demo/show.ts";
import { loadRoutes, loadText } from "../../tools/routes/load.ts";
import { fixture } from "./run.ts";

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

/** What a start with these secrets says once it serves. */
function ready(names: readonly string[], loaded = loadRoutes(fixture("shipped.yaml")), demo = false): string {
  if (loaded.compiled === null) throw new Error("these routes do not compile");
  const said: string[] = [];
  sayReady({
    url: "http://127.0.0.1:8787",
    routesFile: "routes.yaml",
    names: new Set(names),
    routes: loaded.compiled,
    demo,
    say: (text = "") => said.push(text.replace(COLOUR, "")),
  });
  return said.join("\n");
}

test("a platform with a part of its secrets is off, and connect is the way to the rest", () => {
  expect(ready(["TELEGRAM_BOT_TOKEN"])).toMatch(
    /Telegram +off: TELEGRAM_WEBHOOK_SECRET not set\n[\s\S]*npm run connect sets what a platform lacks/,
  );
  expect(ready(["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"])).not.toContain("npm run connect");
});

test("the demo names connect as the way to a bot of one's own", () => {
  expect(ready([], undefined, true)).toContain("npm run connect asks for a bot's token");
});

test("the demo says who plays the owner, and for whom alone strangers are answered", () => {
  const shipped = loadRoutes(fixture("shipped.yaml")).compiled;
  const own = loadText('model: { default: m, provider: echo }\nowners: { telegram: ["7"] }', "f").compiled;
  if (!shipped || !own) throw new Error("these routes do not compile");
  expect(describeCast(shipped)).toEqual([
    "Your part is played by 42: the routes name no owner.",
    "Strangers and agents are answered here only: with these routes, nobody but owners is.",
  ]);
  expect(describeCast(own)).toEqual([]);
  expect(shipped.owners).toEqual({});
  expect(shipped.access).toMatchObject({ strangers: "ignore", hub_peers: "ignore" });
});

test("a real bot with the demo's owner is told that this is somebody else", () => {
  const secrets = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET"];
  const copied = loadText('model: { default: m, provider: echo }\nowners: { telegram: ["42"] }', "f");
  expect(ready(secrets, copied)).toContain("owners names 42, who is the demo's and somebody else");
  expect(ready([], copied, true)).not.toContain("owners names 42");
  const own = loadText('model: { default: m, provider: echo }\nowners: { telegram: ["482913377"] }', "f");
  expect(ready(secrets, own)).not.toContain("owners names");
});

test("an answer to a typed line is whole, one of the five messages a line", () => {
  const text = `first\n\n${"x".repeat(300)}\n`;
  expect(whole(text)).toBe(`   first\n\n   ${"x".repeat(300)}`);
  expect(excerpt(text)).toMatch(/^ {3}first x+…$/);
});
