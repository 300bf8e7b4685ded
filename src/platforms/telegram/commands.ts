import type { BotCommand } from "@grammyjs/types";
import { isOn } from "../../commands/command.ts";
import { COMMANDS as CHAT_COMMANDS } from "../../commands/index.ts";

/** Telegram's menu of commands, as `setMyCommands` takes it (README.md, "Deploy"). */
export const COMMANDS: readonly BotCommand[] = CHAT_COMMANDS.filter((command) =>
  isOn(command, "telegram"),
).map(({ name, summary }) => ({ command: name, description: summary }));
