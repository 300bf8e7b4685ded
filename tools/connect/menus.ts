import type { BotCommand } from "@grammyjs/types";
import { isOn, mayCall } from "../../src/commands/command.ts";
import type { SourceKind } from "../../src/message/platforms.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { commandsFor } from "../routes/commands.ts";

/** To whom Telegram shows a list of commands: https://core.telegram.org/bots/api#botcommandscope */
export type Scope =
  | { readonly type: "default" | "all_private_chats" | "all_group_chats" }
  | { readonly type: "chat"; readonly chat_id: number };

/** The commands of one scope. */
export interface Menu {
  readonly scope: Scope;
  readonly commands: readonly BotCommand[];
}

/** What the menus follow from. */
export type Access = Pick<CompiledRoutes, "access" | "owners" | "homes"> & Partial<CompiledRoutes>;

/** Greets whoever opens a private chat: nobody types it in a group. */
const PRIVATE_ONLY: readonly string[] = ["start"];

/**
 * Telegram's menus, by scope: everybody sees what a stranger may run, or where strangers get no answer what owners
 * may; owners see theirs in their own chat with the bot.
 */
export function telegramMenus(routes: Access): Menu[] {
  const { access, owners, homes } = routes;
  const commands = commandsFor(routes).filter((command) => isOn(command, "telegram"));
  const may = (kind: SourceKind) =>
    commands
      .filter((command) => mayCall(command, "", kind, access, null))
      .map(({ name, summary }): BotCommand => ({ command: name, description: summary }));
  const all = may(access.strangers === "answer" ? "stranger" : "owner");
  const group = all.filter(({ command }) => !PRIVATE_ONLY.includes(command));
  const chats = new Set([...(owners.telegram ?? []), homes.telegram ?? ""].map(Number));
  // A private chat's id is its user's; groups have negative ones.
  const private_chats = [...chats].filter((id) => Number.isSafeInteger(id) && id > 0);
  return [
    { scope: { type: "default" }, commands: all },
    { scope: { type: "all_private_chats" }, commands: all },
    { scope: { type: "all_group_chats" }, commands: group },
    ...private_chats.map((chat_id): Menu => ({ scope: { type: "chat", chat_id }, commands: may("owner") })),
  ];
}

/** A scope in words. */
export function scopeName(scope: Scope): string {
  switch (scope.type) {
    case "default":
      return "everywhere";
    case "all_private_chats":
      return "private chats";
    case "all_group_chats":
      return "groups";
    case "chat":
      return `owner ${scope.chat_id}`;
  }
}
