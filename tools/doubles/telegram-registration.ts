import type { Update } from "@grammyjs/types";
import { pause } from "../lib/wait.ts";
import { bad, good, type Method } from "./telegram-answers.ts";
import { BOT } from "./telegram-updates.ts";

const POLL_STEP_MS = 20;

/** What a bot is registered with, as Telegram keeps it. */
export interface TelegramRegistration {
  readonly methods: { readonly [method: string]: Method };
  /** The parameters of the last setWebhook; `url` is empty where there is none. */
  webhook: { readonly [name: string]: unknown };
  /** What getWebhookInfo tells of deliveries. */
  readonly deliveries: {
    pending_update_count: number;
    last_error_date?: number;
    last_error_message?: string;
  };
  /** The commands of each scope, by the scope's JSON. */
  readonly commands: ReadonlyMap<string, unknown>;
  /** Whether the bot reads all that is said in its groups: privacy mode off. */
  hears_groups: boolean;
  /** Chats that Telegram does not know, because nobody wrote to the bot there. */
  readonly unknown_chats: Set<unknown>;
  /** Puts an update where getUpdates finds it. */
  queue(update: Update): void;
}

/** A bot as it is made: no webhook, no commands, privacy mode on. */
export function registrationOf(): TelegramRegistration {
  const commands = new Map<string, unknown>();
  const unknown_chats = new Set<unknown>();
  let updates: Update[] = [];
  const scopeOf = (scope: unknown) => JSON.stringify(scope ?? { type: "default" });
  const known =
    (method: Method): Method =>
    (body) =>
      isChat(body.scope) && unknown_chats.has(body.scope.chat_id)
        ? bad(400, "Bad Request: chat not found")
        : method(body);
  const registration: TelegramRegistration = {
    webhook: { url: "" },
    deliveries: { pending_update_count: 0 },
    commands,
    hears_groups: false,
    unknown_chats,
    queue: (update) => updates.push(update),
    methods: {
      getMe: () =>
        good({
          ...BOT,
          is_bot: true,
          can_join_groups: true,
          can_read_all_group_messages: registration.hears_groups,
        }),
      setWebhook(body) {
        registration.webhook = body;
        return good(true);
      },
      deleteWebhook() {
        registration.webhook = { url: "" };
        return good(true);
      },
      getWebhookInfo() {
        const { secret_token: _, ...shown } = registration.webhook;
        return good({ has_custom_certificate: false, ...shown, ...registration.deliveries });
      },
      async getUpdates({ offset = 0, timeout = 0 }) {
        if (registration.webhook.url !== "") {
          return bad(409, "Conflict: can't use getUpdates method while webhook is active");
        }
        updates = updates.filter(({ update_id }) => update_id >= Number(offset));
        const deadline = performance.now() + Number(timeout) * 1_000;
        while (updates.length === 0 && performance.now() < deadline) await pause(POLL_STEP_MS);
        return good(updates);
      },
      getMyCommands: known(({ scope }) => good(commands.get(scopeOf(scope)) ?? [])),
      setMyCommands: known(({ scope, commands: list }) => {
        commands.set(scopeOf(scope), list);
        return good(true);
      }),
      deleteMyCommands: known(({ scope }) => {
        commands.delete(scopeOf(scope));
        return good(true);
      }),
    },
  };
  return registration;
}

const isChat = (scope: unknown): scope is { readonly chat_id: unknown } =>
  typeof scope === "object" && scope !== null && "chat_id" in scope;
