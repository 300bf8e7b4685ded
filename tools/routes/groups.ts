import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import type { Path } from "./document.ts";
import type { Report } from "./endpoint.ts";
import { quote } from "./issues.ts";
import type { RoutesFile } from "./schema.ts";

/** Finds what `groups` does not mean as it is written. */
export function checkGroups({ groups, owners, homes }: RoutesFile, report: Report): void {
  if (!groups) return;
  const { require_mention, free_chats = [], ignored_threads = [], listen } = groups;
  const named = new Set([owners, homes].flatMap((list) => Object.keys(list ?? {})));
  if (listen && require_mention === false) {
    report(
      "warning",
      ["groups", "listen"],
      "listen has no effect: with `require_mention: false` every message is answered",
      "key",
    );
  } else if (listen && named.has("discord") && !named.has("telegram")) {
    report(
      "warning",
      ["groups", "listen"],
      "listen has no effect on Discord, which shows a bot only its own commands: it takes Telegram",
      "key",
    );
  }
  if (require_mention === false && free_chats.length > 0) {
    report(
      "warning",
      ["groups", "free_chats"],
      "free_chats have no effect: with `require_mention: false` every group is free",
      "key",
    );
  }
  free_chats.forEach((chat, index) => {
    checkGroup(String(chat), ["groups", "free_chats", index], report);
  });
  ignored_threads.forEach((thread, index) => {
    checkGroup(thread.replace(/:.*/, ""), ["groups", "ignored_threads", index], report);
  });
}

/** Telegram's groups have negative ids: another one is a person's, or a name. */
function checkGroup(chat: string, path: Path, report: Report): void {
  if (/^-\d+$/.test(chat)) return;
  const { title } = PLATFORM_FACTS.telegram;
  report("warning", path, `${quote(chat)} is no group: on ${title} the id of a group is a negative number`);
}
