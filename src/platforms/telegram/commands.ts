import type { BotCommand } from "@grammyjs/types";
import { COMMANDS as CHAT_COMMANDS } from "../../commands/index.ts";

/** Telegram's menu of commands, as `setMyCommands` takes it (README.md, "Deploy"). */
export const COMMANDS: readonly BotCommand[] = CHAT_COMMANDS.map(({ name, summary }) => ({
  command: name,
  description: summary,
}));
