import * as z from "zod";
import { type Variables, variable } from "../../src/env.ts";
import { ok, type Result } from "../../src/lib/result.ts";
import { Update } from "../../src/platforms/telegram/schema.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { REACHABLE_BY, telegramCannotReach } from "./address.ts";
import { callTelegram, type Refusal } from "./api.ts";
import { type Menu, type Scope, scopeName } from "./menus.ts";
import { type Note, type Plan, type Step, were } from "./plan.ts";

const DEFAULT_API = "https://api.telegram.org";
const ABOUT = "Telegram";

/** What the gateway reads of updates is what it asks Telegram for. */
export const ALLOWED_UPDATES: readonly string[] = Object.keys(Update.entries).filter(
  (name) => name !== "update_id",
);

/** The most there may be: a Worker takes deliveries as they come. */
export const MAX_CONNECTIONS = 100;

export const BotUser = z.object({
  id: z.number(),
  username: z.string(),
  can_read_all_group_messages: z.boolean().optional(),
});

const WebhookInfo = z.object({
  url: z.string(),
  pending_update_count: z.number().default(0),
  last_error_date: z.number().optional(),
  last_error_message: z.string().optional(),
  max_connections: z.number().optional(),
  allowed_updates: z.array(z.string()).optional(),
});
export type WebhookInfo = z.output<typeof WebhookInfo>;

const Commands = z.array(z.object({ command: z.string(), description: z.string() }));

/** What Telegram knows of a bot. */
export interface TelegramState {
  readonly me: z.output<typeof BotUser>;
  readonly webhook: WebhookInfo;
  /** The commands of each scope that was asked for; null where Telegram does not tell them. */
  readonly menus: readonly { readonly scope: Scope; readonly commands: Menu["commands"] | null }[];
}

export const telegramApi = (env: Variables): string => variable(env, "TELEGRAM_API_BASE") ?? DEFAULT_API;

/** Whose the token is. */
export const askBot = (env: Variables): Promise<Result<z.output<typeof BotUser>, Refusal>> =>
  callTelegram(env, "getMe", {}, BotUser);

export const webhookInfo = (env: Variables): Promise<Result<WebhookInfo, Refusal>> =>
  callTelegram(env, "getWebhookInfo", {}, WebhookInfo);

/** Asks Telegram; changes nothing. */
export async function findTelegram(
  env: Variables,
  scopes: readonly Scope[],
): Promise<Result<TelegramState, Refusal>> {
  const me = await askBot(env);
  if (!me.ok) return me;
  const webhook = await webhookInfo(env);
  if (!webhook.ok) return webhook;
  const menus: { scope: Scope; commands: Menu["commands"] | null }[] = [];
  for (const scope of scopes) {
    const found = await callTelegram(env, "getMyCommands", { scope }, Commands);
    if (!found.ok && !found.error.refused) return found;
    menus.push({ scope, commands: found.ok ? found.value : null });
  }
  return ok({ me: me.value, webhook: webhook.value, menus });
}

export interface TelegramWish {
  /** The gateway's address. */
  readonly gateway: string;
  readonly api: string;
  readonly secret: string;
  /** Whether Telegram cannot know this secret yet. */
  readonly is_new_secret: boolean;
  readonly menus: readonly Menu[];
  readonly groups: CompiledRoutes["groups"];
}

export const webhookOf = (gateway: string): string => `${gateway}/webhooks/telegram`;

/** What is to be done so that the bot serves this gateway. Pure. */
export function planTelegram(state: TelegramState, wish: TelegramWish): Plan {
  const { me, webhook } = state;
  const steps: Step[] = [];
  const notes: Note[] = [{ about: ABOUT, level: "ok", text: `the token is @${me.username}'s (${me.id})` }];
  const url = webhookOf(wish.gateway);
  const cannot = telegramCannotReach(wish.gateway, wish.api);
  const reasons = webhookReasons(webhook, url, wish.is_new_secret);
  if (cannot !== null) {
    const text = `no webhook at ${url}: ${cannot}`;
    notes.push({ about: ABOUT, level: "to do", text, todo: REACHABLE_BY });
  } else if (reasons.length === 0) {
    notes.push({ about: ABOUT, level: "ok", text: `webhook: ${url}` });
  } else {
    const params = {
      url,
      allowed_updates: ALLOWED_UPDATES,
      max_connections: MAX_CONNECTIONS,
      secret_token: wish.secret,
    };
    const text = `webhook: ${url} (${reasons.join("; ")})`;
    steps.push({ about: ABOUT, text, call: { api: "telegram", method: "setWebhook", params } });
  }
  for (const [index, { scope, commands }] of wish.menus.entries()) {
    const found = state.menus[index]?.commands ?? null;
    const where = scopeName(scope);
    if (found === null && scope.type === "chat") {
      const text = `no commands for ${where}: Telegram does not know this chat`;
      notes.push({ about: ABOUT, level: "to do", text, todo: "write to the bot, then run npm run connect" });
    } else if (JSON.stringify(found) === JSON.stringify(commands)) {
      notes.push({ about: ABOUT, level: "ok", text: `commands for ${where}: ${commands.length}` });
    } else {
      const call = { api: "telegram", method: "setMyCommands", params: { commands, scope } } as const;
      const text = `commands for ${where}: ${commands.length} (was: ${found === null ? "unknown" : were(found.length, commands.length)})`;
      steps.push({ about: ABOUT, text, call });
    }
  }
  notes.push(privacy(me.can_read_all_group_messages === true, wish.groups));
  return { notes, steps, ...(cannot === null && { bot: `@${me.username} on Telegram` }) };
}

/** Why the webhook has to be set. */
function webhookReasons(found: WebhookInfo, url: string, is_new_secret: boolean): string[] {
  if (found.url !== url) return [`was: ${found.url || "none"}`];
  const missing = ALLOWED_UPDATES.filter((name) => !found.allowed_updates?.includes(name));
  const spare = found.allowed_updates?.filter((name) => !ALLOWED_UPDATES.includes(name)) ?? [];
  return [
    ...(missing.length + spare.length > 0
      ? [`allowed updates were: ${found.allowed_updates?.join(", ") || "Telegram's default"}`]
      : []),
    ...(found.max_connections !== undefined && found.max_connections !== MAX_CONNECTIONS
      ? [`connections were: ${found.max_connections}`]
      : []),
    ...(is_new_secret ? ["the secret is new"] : []),
    // Telegram tells of the last error for ever; only where updates still wait it is not over.
    ...(!is_new_secret && found.pending_update_count > 0 && /\b401\b/.test(found.last_error_message ?? "")
      ? ["the gateway refused its secret"]
      : []),
  ];
}

/** Whether the bot hears in groups what `groups:` expects: https://core.telegram.org/bots/features#privacy-mode */
function privacy(hears_all: boolean, groups: CompiledRoutes["groups"]): Note {
  if (hears_all) return { about: ABOUT, level: "ok", text: "privacy mode is off: it hears its groups" };
  const heard = "privacy mode is on: in groups it hears commands and replies to it";
  const expected = groups
    ? [
        ...(groups.require_mention ? [] : ["require_mention: false"]),
        ...(groups.free_chats.length > 0 ? ["free_chats"] : []),
        ...(groups.listen ? ["listen"] : []),
      ]
    : [];
  if (expected.length === 0) {
    return { about: ABOUT, level: "ok", text: `${heard}, mentions only as an administrator` };
  }
  return {
    about: ABOUT,
    level: "to do",
    text: `${heard}, not what groups: expects (${expected.join(", ")})`,
    todo: "@BotFather, /setprivacy, Disable; then add the bot to the group anew, or make it an administrator",
  };
}

/** What is to be taken back so that the bot no longer serves this gateway. Pure. */
export function unplanTelegram(state: TelegramState, gateway: string): Plan {
  const { webhook, menus } = state;
  const notes: Note[] = [];
  const steps: Step[] = [];
  if (webhook.url === webhookOf(gateway)) {
    const call = { api: "telegram", method: "deleteWebhook", params: {} } as const;
    steps.push({ about: ABOUT, text: `webhook: none (was: ${webhook.url})`, call });
  } else {
    notes.push({ about: ABOUT, level: "ok", text: `webhook: ${webhook.url || "none"}, not this gateway's` });
  }
  for (const { scope, commands } of menus) {
    if (commands === null || commands.length === 0) continue;
    const call = { api: "telegram", method: "deleteMyCommands", params: { scope } } as const;
    const text = `commands for ${scopeName(scope)}: none (was: ${commands.length})`;
    steps.push({ about: ABOUT, text, call });
  }
  return { notes, steps };
}
