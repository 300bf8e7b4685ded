import { describe, expect, test } from "vitest";
import { COMMANDS as CHAT_COMMANDS } from "../../../src/commands/index.ts";
import { COMMANDS } from "../../../src/platforms/discord/commands.ts";

describe("the commands that are registered", () => {
  test("are every chat command, and the two that ask the model", () => {
    const names = CHAT_COMMANDS.map(({ name }) => name);
    expect(names).toContain("model");
    expect(COMMANDS.map(({ name }) => name)).toEqual(["ask", ...names, "Ask about this"]);
  });

  test("let a picture go with a question", () => {
    expect(COMMANDS[0]).toMatchObject({
      options: [
        { name: "prompt", type: 3, required: true },
        { name: "file", type: 11 },
      ],
    });
  });

  test.each(COMMANDS)(
    "$name is offered in servers, bot DMs and other DMs, and keeps Discord's limits",
    (command) => {
      expect(command).toMatchObject({ integration_types: [0, 1], contexts: [0, 1, 2] });
      if (command.type === 1) {
        expect(command.name).toMatch(/^[-_\p{Ll}\p{N}]{1,32}$/u);
        expect(command.description).toMatch(/^.{1,100}$/);
      } else {
        expect(command.name).toMatch(/^.{1,32}$/);
        expect(command, "message commands have no description").not.toHaveProperty("description");
      }
      for (const option of "options" in command ? (command.options ?? []) : []) {
        expect(option.description).toMatch(/^.{1,100}$/);
      }
    },
  );
});
