import { expect, test } from "vitest";
import type { Delivery } from "../../src/platforms/platform.ts";
import type { Asked } from "../../src/sessions/ask.ts";
import { commandFailed, crashed, replyTo, stopped } from "../../src/sessions/reply.ts";

const base: Delivery = { split: (text) => [text], send: async () => ({ kind: "sent", message_id: null }) };
const peers: Delivery = { ...base, tells_errors: false };
const pending: Delivery = { ...base, owes_answer: true };

const record = {
  model: "m",
  route: "base",
  outcome: "ok",
  attempts: null,
  fallback: false,
  tries: 1,
  usage: { input: null, output: null, cached: null, reasoning: null },
  first_token_ms: null,
  total_ms: 1,
  cost: null,
};
const answer: Asked = { kind: "answer", text: "42", note: "(cut)", record, fields: {} };
const failure: Asked = {
  kind: "error",
  reason: "timeout",
  line: "It took too long.",
  record,
  fields: {},
};
const declined: Asked = { kind: "declined", line: "No pictures.", record: null, fields: {} };

test("a person reads the answer with its note, or the line about what went wrong", () => {
  expect(replyTo(answer, "?", base)).toMatchObject({ text: "42\n\n(cut)", outcome: "ok" });
  expect(replyTo(failure, "?", base)).toMatchObject({ text: "It took too long.", outcome: "timeout" });
  expect(replyTo(declined, "?", base)).toMatchObject({ text: "No pictures.", outcome: "declined" });
});

test("nothing but an answer ever reaches another agent", () => {
  expect(replyTo(answer, "?", peers)).toMatchObject({ text: "42", outcome: "ok" });
  for (const reply of [
    replyTo(failure, "?", peers),
    replyTo(declined, "?", peers),
    crashed(peers),
    commandFailed(peers),
  ]) {
    expect(reply.text).toBeNull();
  }
});

test("what a platform makes of an answer may be silence", () => {
  expect(replyTo(answer, "?", { ...base, prepare: () => null })).toMatchObject({ text: null, outcome: "ok" });
});

test("a stopped turn says so only where a pending answer would stay", () => {
  expect(stopped(base).text).toBeNull();
  expect(stopped(pending).text).toBe("Stopped.");
});
