import type { RESTPostAPIChannelMessageJSONBody } from "discord-api-types/v10";
import { type Variables, variable } from "../../env.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { parsed } from "../../lib/schema.ts";
import type { Address } from "../../message/message.ts";
import { fileIn, fileMarkdown } from "../../text/code-file.ts";
import { cutText } from "../../text/cut.ts";
import type { Chunk, Delivery, SendResult } from "../platform.ts";
import { type ApiFailure, callDiscord } from "./api.ts";
import { fetchAttachment } from "./files.ts";
import { components } from "./keyboard.ts";
import {
  DEFERRAL_RETRY_MS,
  DEFERRAL_SETTLES_MS,
  DEFERRAL_SETTLES_WITH_BOT_MS,
  EARLIER_TRY_MS,
  EPHEMERAL,
  LIVE_PAUSE_MS,
  MESSAGE_CHARS,
  SUPPRESS_EMBEDS,
  TOKEN_LIFE_MS,
  USER_INSTALL_FOLLOW_UPS,
} from "./limits.ts";
import { renderDiscord } from "./markdown.ts";
import { Destination } from "./schema.ts";
import { openThread } from "./thread.ts";

const CUT_NOTE =
  "\n\n*Cut here: where this app is not a member of the server, Discord allows six messages for an answer.*";

/** Closes the code block that a cut goes through. */
const CLOSING = "\n```";

/** A follow-up has no idempotency key: where an earlier one may be there, no other is sent. */
const SHOWN_PERHAPS: SendResult = { kind: "failed", detail: "an earlier try may have shown it" };

/**
 * How answers reach Discord. The first chunk is edited into the deferred answer, the rest are follow-ups;
 * both need no bot token, and each can be a file (https://discord.com/developers/docs/reference#uploading-files). When the interaction is gone (its token lives 15 minutes), chunks become channel
 * messages of the bot, if there is a bot token and the bot is in that channel.
 *
 * Editing, and a channel message with its nonce, may be repeated. A follow-up has no idempotency key:
 * it is repeated only when Discord said that it failed, and fails when the outcome is unknown.
 */
export const delivery: Delivery = {
  split: (text, plain) => renderDiscord(text, false, !plain),
  send,
  fetchAttachment,
  openThread,
  live: {
    pause_ms: () => LIVE_PAUSE_MS,
    async show(text, address, _message_id, env) {
      const to = parsed(Destination, address);
      if (!to || Date.now() - to.received_at >= TOKEN_LIFE_MS) return { kind: "failed", detail: "no token" };
      const [first] = renderDiscord(text, true);
      if (!first) return { kind: "wait", detail: "no text yet" };
      const shown = await editOriginal({ text: first }, to, env);
      if (shown.ok) return { kind: "shown", message_id: null, after_ms: shown.value.after_ms };
      const { reason, detail } = shown.error;
      if (reason === "rate_limited") return { kind: "wait", after_ms: shown.error.after_ms, detail };
      return { kind: reason === "refused" || reason === "expired" ? "failed" : "wait", detail };
    },
  },
  reachable(address, env, now) {
    const to = parsed(Destination, address);
    return to === null || now - to.received_at < TOKEN_LIFE_MS || botTokenFor(to, env).ok;
  },
  // The deferred answer says "thinking…" until it is edited.
  owes_answer: true,
};

async function send(chunk: Chunk, address: Address, key: string, env: Variables): Promise<SendResult> {
  const to = parsed(Destination, address);
  if (!to) return { kind: "failed", detail: "unreadable address" };
  const bot = botTokenFor(to, env);
  const age_ms = Date.now() - to.received_at;
  // A channel message's nonce shows it once, but not beside an edit or a follow-up of an earlier try.
  const doubtful = chunk.uncertain && age_ms < TOKEN_LIFE_MS + EARLIER_TRY_MS;
  const viaChannel = (why: string) => {
    if (doubtful) return SHOWN_PERHAPS;
    if (bot.ok) return channelMessage(chunk, to, key, bot.value, env);
    return { kind: "failed", detail: `${why}; ${bot.error}` } as const;
  };
  if (age_ms >= TOKEN_LIFE_MS) return viaChannel("interaction token expired");
  if (to.user_install_only && chunk.index > USER_INSTALL_FOLLOW_UPS) return viaChannel("no follow-up left");

  const isEdit = chunk.index === 0;
  if (doubtful && !isEdit) return SHOWN_PERHAPS;
  const result = isEdit
    ? await editOriginal(chunk, to, env)
    : await followUp(bot.ok ? chunk : { ...chunk, text: cutIfLast(chunk, to) }, to, env);
  if (result.ok) return { kind: "sent", message_id: result.value.id };
  const { error } = result;
  if (error.reason === "expired") return viaChannel(error.detail);
  if (error.reason !== "unknown") return outcome(error, isEdit, chunk);
  if (age_ms >= (bot.ok ? DEFERRAL_SETTLES_WITH_BOT_MS : DEFERRAL_SETTLES_MS))
    return viaChannel(error.detail);
  return { kind: "retry", after_ms: Math.max(DEFERRAL_RETRY_MS, age_ms), detail: error.detail };
}

function editOriginal(said: Said, to: Destination, env: Variables) {
  const path = `${webhookPath(to)}/messages/@original`;
  const what = shown(said, to.edits ? { components: [] } : {});
  return callDiscord({ name: "edit original", method: "PATCH", path, ...what }, env);
}

function followUp(said: Said, to: Destination, env: Variables) {
  const what = shown(said, { flags: SUPPRESS_EMBEDS | (to.ephemeral ? EPHEMERAL : 0) });
  return callDiscord({ name: "follow-up", method: "POST", path: webhookPath(to), ...what }, env);
}

type Said = Pick<Chunk, "text" | "keyboard">;

/** What a message shows: its text without previews, which alerts nobody, or its file, and its buttons. */
function shown({ text, keyboard }: Said, more: Partial<RESTPostAPIChannelMessageJSONBody>) {
  const { file, beside } = fileIn(text) ?? {};
  const body = {
    content: beside ?? text,
    flags: SUPPRESS_EMBEDS,
    allowed_mentions: { parse: [] },
    ...more,
    // An edit that is repeated has the file once all the same.
    ...(file && { attachments: [{ id: 0, filename: file.name }] }),
    ...(keyboard && { components: components(keyboard) }),
  } satisfies RESTPostAPIChannelMessageJSONBody;
  return { body, file };
}

function webhookPath(to: Destination): string {
  return `/webhooks/${encodeURIComponent(to.application_id)}/${encodeURIComponent(to.token)}`;
}

async function channelMessage(
  said: Said,
  to: Destination,
  key: string,
  bot_token: string,
  env: Variables,
): Promise<SendResult> {
  // Discord then answers a repeated nonce with the message that it already made.
  const what = shown(said, { nonce: key, enforce_nonce: true });
  const path = `/channels/${encodeURIComponent(to.channel_id)}/messages`;
  const result = await callDiscord(
    { name: "channel message", method: "POST", path, bot_token, ...what },
    env,
  );
  return result.ok ? { kind: "sent", message_id: result.value.id } : outcome(result.error, true, said);
}

/** The bot's token if the bot may send there what was meant for the interaction; else why not. */
function botTokenFor(to: Destination, env: Variables): Result<string, string> {
  if (to.ephemeral && !to.dm) return fail("an answer for one user is not posted for all");
  if (to.user_install_only && !to.dm) return fail("the app is not a member of that channel");
  const token = variable(env, "DISCORD_BOT_TOKEN");
  return token === undefined ? fail("set DISCORD_BOT_TOKEN to answer in the channel") : ok(token);
}

/** What a failure means for what was to be said. `repeatable`: sending it twice shows it once. */
function outcome(error: ApiFailure, repeatable: boolean, { text }: Said): SendResult {
  switch (error.reason) {
    case "rate_limited":
      return { kind: "retry", after_ms: error.after_ms, detail: error.detail };
    case "unavailable":
      return { kind: "retry", detail: error.detail };
    case "not_sent":
      return { kind: "not_sent", detail: error.detail };
    case "no_answer":
      return { kind: repeatable ? "retry" : "failed", detail: error.detail };
    case "expired":
    case "unknown":
      return { kind: "failed", detail: error.detail };
    case "refused":
      return { kind: "failed", detail: error.detail, instead: fileMarkdown(text) };
  }
}

/** The chunk's text; in the last follow-up that Discord allows, the user is told that more would follow. */
function cutIfLast(chunk: Chunk, to: Destination): string {
  const last = to.user_install_only && chunk.index === USER_INSTALL_FOLLOW_UPS;
  if (!last || chunk.count <= chunk.index + 1) return chunk.text;
  if (fileMarkdown(chunk.text)) return chunk.text + CUT_NOTE;
  const [text = ""] = cutText(chunk.text, MESSAGE_CHARS - CLOSING.length - CUT_NOTE.length);
  const open = (text.match(/^```/gm) ?? []).length % 2 === 1;
  return text + (open ? CLOSING : "") + CUT_NOTE;
}
