import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/commands/all.ts";
import type { Command } from "../../src/commands/command.ts";
import { telegramMenus } from "../../tools/connect/menus.ts";
import { commandsFor, commandsText } from "../../tools/routes/commands.ts";
import { featuresFor } from "../../tools/routes/features.ts";
import { loadText } from "../../tools/routes/load.ts";
import { temporary } from "./run.ts";

const ECHO = "model: { default: m, provider: echo }";
const REAL = 'model: { default: m, base_url: "https://llm.example/v1", api_key: k }';
const OWNED = 'owners: { telegram: ["42"] }';
const EVERYTHING = `${REAL}\n${OWNED}\npersonalities: { terse: Be brief. }\nmemory: true
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

const byPlace = (a: string, b: string) =>
  COMMANDS.findIndex(({ name }) => name === a) - COMMANDS.findIndex(({ name }) => name === b);

test("commands that mean nothing with a routes file are not part of its Worker", () => {
  expect(missingFrom(EVERYTHING)).toEqual([]);
  expect(missingFrom(ECHO)).toEqual(
    [
      "compress",
      "background",
      "tasks",
      "personality",
      "memory",
      "forget",
      "export",
      "remind",
      "cron",
    ].toSorted(byPlace),
  );
});

test("background tasks are there for owners, and for those whom access.commands names", () => {
  const hasTasks = (text: string) => !missingFrom(text).includes("background");
  expect(hasTasks(`${ECHO}\n${OWNED}`)).toBe(true);
  expect(hasTasks(REAL)).toBe(false);
  expect(hasTasks(`${ECHO}\naccess: { strangers: answer, commands: { background: [stranger] } }`)).toBe(true);
  expect(hasTasks(`${REAL}\n${OWNED}\naccess: { commands: { background: [] } }`)).toBe(false);
});

test("what runs tasks is part of a Worker exactly where the command is", () => {
  for (const text of [EVERYTHING, ECHO]) {
    const routes = compiledOf(text);
    const has = commandsFor(routes).some(({ name }) => name === "background");
    expect(featuresFor(routes).includes("tasks")).toBe(has);
  }
});

test.each([
  ["an owner, and a model", `${REAL}\n${OWNED}`, true],
  ["a home", `${REAL}\nhomes: { telegram: "42" }`, true],
  [
    "a route to a model",
    `model: { default: m, provider: echo, platforms: { hub: { base_url: "https://a.example/v1", api_key: k } } }\n${OWNED}`,
    true,
  ],
  ["strangers who may", `${REAL}\naccess: { commands: { compress: [stranger] } }`, true],
  ["nobody who may", REAL, false],
  ["owners who may not", `${REAL}\n${OWNED}\naccess: { commands: { compress: [] } }`, false],
  ["a model that makes no summaries", `${ECHO}\n${OWNED}`, false],
])("/compress takes somebody who may use it, and a model that can: %s", (_, text, there) => {
  expect(missingFrom(text).includes("compress")).toBe(!there);
});

test.each([
  ["an owner", OWNED, true],
  ["strangers who are answered", "access: { strangers: answer }", true],
  ["nobody who is answered", "", false],
  ["none who may", `${OWNED}\naccess: { commands: { forget: [], export: [] } }`, false],
])("/forget and /export, and what they stand on, take somebody who may use them: %s", (_, text, there) => {
  const missing = missingFrom(`${ECHO}\n${text}`);
  expect([missing.includes("forget"), missing.includes("export")]).toEqual([!there, !there]);
  expect(featuresFor(compiledOf(`${ECHO}\n${text}`)).includes("kept")).toBe(there);
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
