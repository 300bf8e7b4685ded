import { expect, test } from "vitest";
import { sessionKey } from "../../src/message/key.ts";
import type { Source } from "../../src/message/source.ts";
import { bind, readPress } from "../../src/platforms/press.ts";
import { routesWith } from "../support/setup.ts";

const routes = routesWith({
  owners: { telegram: ["42", "43"] },
  access: { strangers: "answer", hub_peers: "answer", commands: {} },
});
const GROUP = { platform: "telegram", chat_type: "group", chat_id: "-100" } as const;
const inGroup = (user_id: string, thread_id?: string): Source => ({
  ...GROUP,
  user_id,
  ...(thread_id && { thread_id }),
});

/** What the button of this command holds that is for this source's session. */
const dataFor = (source: Source, command: string): string =>
  bind({ actions: [{ label: "x", command }] }, sessionKey(source)).actions[0]?.data ?? "";

test("a press is its command, for whoever may run that in the session it is for", () => {
  const data = dataFor(inGroup("42"), "/model @1z141z3.99");
  expect(data.length).toBeLessThan(64);
  expect(readPress(data, inGroup("42"), routes)).toEqual({ ok: true, value: "/model @1z141z3.99" });
});

test("another's picker in a group is not theirs, who may choose a model as well", () => {
  const press = readPress(dataFor(inGroup("42"), "/model fast"), inGroup("43"), routes);
  expect(press).toEqual({ ok: false, error: expect.stringContaining("somebody else") });
});

test("in a topic everybody's is everybody's, as far as they may run it", () => {
  const data = dataFor(inGroup("42", "7"), "/model fast");
  expect(readPress(data, inGroup("43", "7"), routes).ok).toBe(true);
  expect(readPress(data, inGroup("43", "8"), routes).ok).toBe(false);
  expect(readPress(data, inGroup("55", "7"), routes)).toEqual({
    ok: false,
    error: expect.stringContaining("Only the owner"),
  });
  const bare = dataFor(inGroup("42", "7"), "/model");
  expect(readPress(bare, inGroup("55", "7"), routes).ok).toBe(true);
});

test("who gets no answer gets none by pressing", () => {
  const closed = { ...routes, access: { ...routes.access, strangers: "ignore" as const } };
  const press = readPress(dataFor(inGroup("55"), "/status"), inGroup("55"), closed);
  expect(press).toEqual({ ok: false, error: expect.stringContaining("my owner") });
});

test.each([
  ["nothing", ""],
  ["another program's data", "m:fast"],
  ["no command", `${dataFor(inGroup("42"), "").slice(0, -1)}:hello`],
  ["a command that there is not any more", dataFor(inGroup("42"), "/dance now")],
])("a button that holds %s has expired", (_, data) => {
  expect(readPress(data, inGroup("42"), routes)).toEqual({
    ok: false,
    error: expect.stringContaining("expired"),
  });
});
