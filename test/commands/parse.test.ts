import { expect, test } from "vitest";
import { parseCommand } from "../../src/commands/parse.ts";

test.each([
  ["/model", { name: "model", args: "" }],
  ["/Model fast", { name: "model", args: "fast" }],
  ["/model@talaria_bot fast", { name: "model", args: "fast" }],
  ["  /new  ", { name: "new", args: "" }],
  ["/model fast —provider custom", { name: "model", args: "fast --provider custom" }],
  ["/ask line one\nline two", { name: "ask", args: "line one\nline two" }],
])("%j is a command", (text, call) => {
  expect(parseCommand(text)).toEqual(call);
});

test.each(["hello", "/etc/passwd please", "/ model", "//", "/", "say /model", "/42"])(
  "%j is a message",
  (text) => {
    expect(parseCommand(text)).toBeNull();
  },
);
