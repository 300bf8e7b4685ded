import { expect, test } from "vitest";
import { readOutput } from "../../../tools/lib/worker-log.ts";

const ESC = String.fromCharCode(27);

test("a line of the Worker's log is read with its fields", () => {
  expect(readOutput('{"level":"info","event":"turn","platform":"telegram"}')).toEqual({
    kind: "log",
    line: { level: "info", event: "turn", platform: "telegram" },
  });
});

test("also when wrangler decorates a warning", () => {
  const raw = `${ESC}[33m▲ ${ESC}[43;33m[${ESC}[43;30mWARNING${ESC}[0m] ${ESC}[1m{"level":"warn","event":"x"}${ESC}[0m`;
  expect(readOutput(raw)).toEqual({ kind: "log", line: { level: "warn", event: "x" } });
});

test("wrangler's own chatter is told from what a person should read", () => {
  expect(readOutput("[wrangler:info] GET /health 200 OK (3ms)")).toEqual({ kind: "chatter" });
  expect(readOutput("")).toEqual({ kind: "chatter" });
  expect(readOutput("✘ [ERROR] Could not resolve ./x")).toEqual({
    kind: "other",
    text: "✘ [ERROR] Could not resolve ./x",
  });
});
