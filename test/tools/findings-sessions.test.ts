import { describe, expect, test } from "vitest";
import { resolve } from "../../src/routing/resolve.ts";
import { loadText } from "../../tools/routes/load.ts";

const MODEL = "model: { default: m, provider: echo }\n";
const KNOWN = "model: { default: m, provider: echo, context: 200000 }\n";

/** What check says of a file, without what it says of its surroundings; and what it compiles to. */
function loaded(text: string) {
  const { compiled, findings } = loadText(text, "f");
  const said = findings.map(({ line, col, level, message }) => `${line}:${col} ${level} ${message}`);
  return { compiled, said };
}

test.each([
  ["nothing", MODEL, { history_tokens: 8_000, compression: undefined }],
  ["no window", `${MODEL}compression: {}`, { history_tokens: 8_000, compression: { at_tokens: 6_000 } }],
  [
    "a window: half of it, and room for where compressing fails",
    `${KNOWN}compression: {}`,
    { history_tokens: 150_000, compression: { at_tokens: 100_000 } },
  ],
  [
    "its part of the window",
    `${KNOWN}compression: { at: 0.9 }`,
    { history_tokens: 190_000, compression: { at_tokens: 180_000 } },
  ],
  [
    "history_tokens, which are enough",
    `${KNOWN}compression: { at: 0.1 }\nhistory_tokens: 50000`,
    { history_tokens: 50_000, compression: { at_tokens: 20_000 } },
  ],
])("compression with %s", (_, text, expected) => {
  const { compiled, said } = loaded(text);
  expect(said).toEqual([]);
  expect({ history_tokens: compiled?.history_tokens, compression: compiled?.compression }).toEqual(expected);
});

test.each([
  ["none", "{ reset: none }", undefined],
  ["nothing", "{ busy: queue }", undefined],
  ["idle", "{ reset: idle, idle_minutes: 90 }", { idle_ms: 5_400_000 }],
  [
    "daily",
    '{ reset: daily, daily_at: "4:30", timezone: Europe/Berlin }',
    { daily: { at_minutes: 270, timezone: "Europe/Berlin" } },
  ],
  ["both", "{ reset: both }", { idle_ms: 86_400_000, daily: { at_minutes: 240, timezone: "UTC" } }],
])("reset: %s", (_, sessions, reset) => {
  const { compiled, said } = loaded(`${MODEL}sessions: ${sessions}`);
  expect(said).toEqual([]);
  expect(compiled?.reset).toEqual(reset);
});

describe("check finds", () => {
  test.each([
    [
      "an unknown key",
      "sessions: { resett: idle }",
      '2:13 error unknown key "resett"; did you mean "reset"?',
    ],
    [
      "another key's nearest",
      "compression: { att: 0.5 }",
      '2:16 error unknown key "att"; did you mean "at"?',
    ],
    [
      "a time that there is not",
      'sessions: { reset: daily, daily_at: "24:00" }',
      '2:37 error daily_at must be a time of day, as in "04:00"',
    ],
    [
      "a zone that there is not",
      "sessions: { reset: daily, timezone: Berlin }",
      "2:37 error timezone must be a time zone, as in Europe/Berlin",
    ],
    ["more than the window", "compression: { at: 1.5 }", "2:20 error at is at most 0.95"],
    [
      "a time without effect",
      'sessions: { reset: idle, daily_at: "04:00" }',
      "2:26 warning daily_at has no effect without `reset: daily` or `both`",
    ],
    [
      "minutes without effect",
      "sessions: { idle_minutes: 5 }",
      "2:13 warning idle_minutes has no effect without `reset: idle` or `both`",
    ],
    [
      "a part of a window that nobody knows",
      "compression: { at: 0.5 }",
      "2:16 warning at has no effect without `context:` in the model block: three quarters of history_tokens are the limit",
    ],
  ])("%s", (_, text, found) => {
    expect(loaded(`${MODEL}${text}`).said).toEqual([found]);
  });

  test("a history that is full before the window's part is", () => {
    const { compiled, said } = loaded(`${KNOWN}compression: {}\nhistory_tokens: 8000`);
    expect(said).toEqual([
      "3:1 warning with this, conversations are compressed at 6000 tokens, before `compression.at` is reached",
    ]);
    expect(compiled?.compression).toEqual({ at_tokens: 6_000 });
  });
});

test("a window belongs to its model: another one does not take it along", () => {
  const { compiled } = loaded(`
model:
  default: m
  provider: echo
  context: 8000
  routes: [{ match: { platform: hub }, model: n, context: 4000 }, { match: { platform: discord }, model: o }]
models: { big: { model: b, context: 16000 } }
`);
  if (compiled === null) throw new Error("it does not compile");
  const windowOf = (platform: string, model?: string) =>
    resolve(compiled, { platform }, model === undefined ? null : { model }).bundle.context;
  expect(["telegram", "hub", "discord"].map((platform) => windowOf(platform))).toEqual([
    8_000,
    4_000,
    undefined,
  ]);
  expect(windowOf("hub", "big")).toBe(16_000);
  expect(windowOf("telegram", "x")).toBeUndefined();
});
