import type { APIInteractionResponse } from "discord-api-types/v10";
import { findCommand } from "../../commands/index.ts";
import type { Variables } from "../../env.ts";
import { own } from "../../lib/own.ts";
import { parsed } from "../../lib/schema.ts";
import type { Attachment } from "../../message/files.ts";
import type { Source } from "../../message/source.ts";
import { labelOf, unlabelled } from "../../message/speaker.ts";
import type { CompiledRoutes } from "../../routing/types.ts";
import type { Webhook, WebhookEvent } from "../platform.ts";
import { readPress } from "../press.ts";
import { complete } from "./autocomplete.ts";
import { ASK, ATTACHMENT, CHAT_INPUT, isOurs, MESSAGE } from "./commands.ts";
import { attachmentOf, filesOf } from "./files.ts";
import { EPHEMERAL } from "./limits.ts";
import { quote } from "./quote.ts";
import { Command, type Destination, Head, type Interaction, Pressed } from "./schema.ts";
import { sourceOf, userInstallOnly } from "./source.ts";
import { verify } from "./verify.ts";

const PING = 1;
const APPLICATION_COMMAND = 2;
const MESSAGE_COMPONENT = 3;
const AUTOCOMPLETE = 4;

/** The message that holds the button stays as it is until it is edited. */
const UPDATE_LATER: APIInteractionResponse = { type: 6 };

/** What the user reads when nothing is asked of the model. */
const NOTICES = {
  refused: "I only answer my owner here.",
  expired: "This has expired. Use /ask to talk to me.",
  unknown: "I do not know this command. /help shows what I can do.",
  empty: "There is nothing to answer in that.",
  nothing_seen: "I can read text and files, and that message has neither.",
} as const;

/** Discord's interactions endpoint: https://discord.com/developers/docs/interactions/receiving-and-responding */
export const webhook: Webhook = { verify, parse };

/**
 * Reads one interaction. Whatever a user does is answered within the request (Discord gives three seconds):
 * a command is deferred and handed to its session, anything else gets a line that only the user sees.
 */
async function parse(
  payload: unknown,
  _env: Variables,
  routes: CompiledRoutes,
  now: number,
): Promise<WebhookEvent> {
  const head = parsed(Head, payload);
  if (!head) return { kind: "malformed", detail: "not a Discord interaction" };
  const { type } = head;
  if (type === PING) return reply({ type: 1 });
  if (type === MESSAGE_COMPONENT) return pressed(payload, routes, now);
  if (type !== APPLICATION_COMMAND && type !== AUTOCOMPLETE) return notice("expired");

  const command = parsed(Command, payload);
  if (!command) return { kind: "malformed", detail: "not a Discord command" };
  if (type === AUTOCOMPLETE) return reply(complete(command, routes));
  return commanded(command, now);
}

function commanded(command: Command, now: number): WebhookEvent {
  const source = sourceOf(command);
  if (!source) return { kind: "malformed", detail: "a Discord command without a user" };
  const words = read(command);
  if ("notice" in words) return notice(words.notice);

  const { ephemeral, quoted = "", text, ...message } = words;
  const address = destinationOf(command, source, ephemeral, now);
  return {
    kind: "message",
    message: {
      delivery_id: `discord:${command.id}`,
      source,
      ...message,
      text: unlabelled(source, text),
      preface: `${unlabelled(source, quoted)}${labelOf(source)}` || undefined,
      address,
      received_at: now,
    },
    accepted: deferred(ephemeral),
    refused: shownToUser(NOTICES.refused),
  };
}

/** A press on a button: its command, whose answer replaces the message that holds the button. */
function pressed(payload: unknown, routes: CompiledRoutes, now: number): WebhookEvent {
  const press = parsed(Pressed, payload);
  if (!press) return { kind: "malformed", detail: "not a Discord component" };
  const { data, message, id } = press;
  const source = sourceOf(press);
  if (!source) return { kind: "malformed", detail: "a Discord component without a user" };
  const command = readPress(data.values?.[0] ?? data.custom_id, source, routes);
  if (!command.ok) return reply(shownToUser(command.error));
  const ephemeral = ((message.flags ?? 0) & EPHEMERAL) !== 0;
  return {
    kind: "message",
    message: {
      delivery_id: `discord:${id}`,
      source,
      text: command.value,
      address: { ...destinationOf(press, source, ephemeral, now), edits: true },
      received_at: now,
    },
    accepted: UPDATE_LATER,
    refused: shownToUser(NOTICES.refused),
  };
}

function destinationOf(interaction: Interaction, source: Source, ephemeral: boolean, now: number) {
  return {
    application_id: interaction.application_id,
    token: interaction.token,
    channel_id: interaction.channel_id,
    dm: source.chat_type === "dm",
    ephemeral,
    user_install_only: userInstallOnly(interaction),
    received_at: now,
  } satisfies Destination;
}

interface Words {
  readonly text: string;
  /** What the text is about, put before it. */
  readonly quoted?: string;
  readonly literal?: true;
  readonly attachments?: readonly Attachment[];
  /** True where only the user sees the answer: so with every chat command whose answer is not the model's. */
  readonly ephemeral: boolean;
}

/** What a command says to the session, or the notice that its user gets instead. */
function read({ data }: Command): Words | { readonly notice: keyof typeof NOTICES } {
  const type = data.type ?? CHAT_INPUT;
  if (!isOurs(type, data.name)) return { notice: "unknown" };
  const options = data.options ?? [];
  if (type === MESSAGE) {
    const target = data.resolved?.messages?.[data.target_id ?? ""];
    const quoted = target ? quote(target) : null;
    if (!target || quoted === null) return { notice: "nothing_seen" };
    return {
      text: "Explain this message, or answer it if it asks something.",
      quoted: `${quoted}\n\n`,
      attachments: filesOf(target),
      literal: true,
      ephemeral: false,
    };
  }
  if (data.name === ASK) {
    // Whatever the option is called: commands registered by another version of this gateway stay usable.
    const attached = data.resolved?.attachments ?? {};
    const files: Attachment[] = [];
    const words: string[] = [];
    for (const { type, value = "" } of options) {
      const file = type === ATTACHMENT ? own(attached, String(value)) : undefined;
      if (file) files.push(attachmentOf(file));
      else if (type !== ATTACHMENT) words.push(String(value));
    }
    const text = words.join(" ").trim();
    if (text === "" && files.length === 0) return { notice: "empty" };
    const attachments = files.length > 0 ? { attachments: files } : {};
    return { text, ...attachments, literal: true, ephemeral: false };
  }
  const command = findCommand(data.name);
  const values = options.map(({ value }) => String(value ?? "")).join(" ");
  const shared = command?.shared === true || (command?.asksRest === true && values.trim() !== "");
  return { text: `/${data.name} ${values}`.trim(), ephemeral: !shared };
}

function deferred(ephemeral: boolean): APIInteractionResponse {
  return ephemeral ? { type: 5, data: { flags: EPHEMERAL } } : { type: 5 };
}

function shownToUser(content: string): APIInteractionResponse {
  return { type: 4, data: { content, flags: EPHEMERAL, allowed_mentions: { parse: [] } } };
}

function notice(name: keyof typeof NOTICES): WebhookEvent {
  return reply(shownToUser(NOTICES[name]));
}

function reply(body: APIInteractionResponse): WebhookEvent {
  return { kind: "reply", body };
}
