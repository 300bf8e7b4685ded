import { expect, test } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";
import { run } from "./run.ts";

test("Telegram's menu has every command but Discord's own, within setMyCommands' limits", () => {
  const { code, out } = run("menu", ["telegram"]);
  expect(code).toBe(0);
  const { commands } = JSON.parse(out);
  expect(commands.map(({ command }: { command: string }) => command)).toEqual(
    COMMANDS.filter(({ only }) => only === undefined).map(({ name }) => name),
  );
  expect(commands.length).toBeLessThanOrEqual(100);
  for (const { command, description } of commands) {
    expect(command).toMatch(/^[a-z0-9_]{1,32}$/);
    expect(description).toMatch(/^.{1,256}$/);
  }
});

test("Discord's list has every command, and what asks the model", () => {
  const { code, out } = run("menu", ["discord"]);
  expect(code).toBe(0);
  const names = JSON.parse(out).map(({ name }: { name: string }) => name);
  expect(names).toEqual(["ask", ...COMMANDS.map(({ name }) => name), "Ask about this"]);
});

test.each([[[]], [["hub"]], [["toString"]], [["telegram", "discord"]]])("%j is wrong usage", (args) => {
  expect(run("menu", args)).toMatchObject({ code: 2, out: "" });
});
