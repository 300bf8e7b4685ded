import { expect, test } from "vitest";
import { telegramMenus } from "../../../tools/connect/menus.ts";
import { commandsFor } from "../../../tools/routes/commands.ts";

const access = { strangers: "answer", hub_peers: "answer", commands: {} } as const;
const names = (index: number, menus: ReturnType<typeof telegramMenus>) =>
  menus[index]?.commands.map(({ command }) => command) ?? [];

test("everybody sees what strangers may run, an owner in the own chat all of it", () => {
  const routes = { access, owners: { telegram: ["42", "-7"] }, homes: { telegram: "43" } };
  const menus = telegramMenus(routes);
  expect(menus.map(({ scope }) => scope)).toEqual([
    { type: "default" },
    { type: "all_private_chats" },
    { type: "all_group_chats" },
    { type: "chat", chat_id: 42 },
    { type: "chat", chat_id: 43 },
  ]);
  expect(names(0, menus)).toContain("model");
  expect(names(0, menus)).not.toContain("route");
  expect(names(2, menus)).not.toContain("start");
  const here = commandsFor(routes).filter(({ only }) => only === undefined);
  expect(names(3, menus)).toEqual(here.map(({ name }) => name));
});

test("where strangers get no answer, all that see a menu are owners; access.commands counts", () => {
  const menus = telegramMenus({
    access: { ...access, strangers: "ignore", commands: { undo: [] } },
    owners: {},
    homes: {},
  });
  expect(names(0, menus)).toContain("route");
  expect(names(0, menus)).not.toContain("undo");
});

test("the menus keep setMyCommands' limits", () => {
  for (const { commands } of telegramMenus({ access, owners: { telegram: ["42"] }, homes: {} })) {
    expect(commands.length).toBeLessThanOrEqual(100);
    for (const { command, description } of commands) {
      expect(command).toMatch(/^[a-z0-9_]{1,32}$/);
      expect(description).toMatch(/^.{1,256}$/);
    }
  }
});
