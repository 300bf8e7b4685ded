import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/commands/all.ts";
import type { Command } from "../../src/commands/command.ts";
import { telegramMenus } from "../../tools/connect/menus.ts";
import { commandsFor, commandsText } from "../../tools/routes/commands.ts";
import { loadText } from "../../tools/routes/load.ts";
import { temporary } from "./run.ts";

const ECHO = "model: { default: m, provider: echo }";
const EVERYTHING = `${ECHO}\npersonalities: { terse: Be brief. }
cron: { jobs: [{ name: a, schedule: every 1h, prompt: p, deliver: log }] }`;

function compiledOf(text: string) {
  const { compiled, findings } = loadText(text, "routes.yaml");
  if (compiled === null) throw new Error(JSON.stringify(findings));
  return compiled;
}

const missingFrom = (text: string) => {
  const there = commandsFor(compiledOf(text));
  return COMMANDS.filter((command) => !there.includes(command)).map(({ name }) => name);
};

test("commands that mean nothing with a routes file are not part of its Worker", () => {
  expect(missingFrom(EVERYTHING)).toEqual([]);
  expect(missingFrom(ECHO)).toEqual(["personality", "remind", "cron"]);
  expect(missingFrom(`${ECHO}\ncron: { timezone: Europe/Berlin }`)).toEqual(["personality", "cron"]);
});

test("a Worker has exactly those, in the order of /help", async () => {
  for (const text of [EVERYTHING, ECHO]) {
    const routes = compiledOf(text);
    const module: { COMMANDS: readonly Command[] } = await import(
      pathToFileURL(temporary(commandsText(routes), "commands.mjs")).href
    );
    expect(module.COMMANDS).toEqual(commandsFor(routes));
  }
});

test("a menu does not offer them", () => {
  const [menu] = telegramMenus({ ...compiledOf(ECHO), owners: { telegram: ["42"] } });
  expect(menu?.commands.map(({ command }) => command)).not.toContain("personality");
});
