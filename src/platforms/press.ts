import * as v from "valibot";
import { mayCall } from "../commands/command.ts";
import { findCommand } from "../commands/index.ts";
import type { Keyboard } from "../commands/keyboard.ts";
import { parseCommand } from "../commands/parse.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { sessionKey } from "../message/key.ts";
import type { Source } from "../message/source.ts";
import { hashOf } from "../routing/match.ts";
import { admit, classify } from "../routing/source.ts";
import type { CompiledRoutes } from "../routing/types.ts";

const SentButton = v.object({
  label: v.string(),
  /** What the platform gives back when the button is pressed. */
  data: v.string(),
});

/** Buttons as they are sent, and stored with their answer. */
export const SentKeyboard = v.object({
  choices: v.array(SentButton),
  actions: v.array(SentButton),
});
export type SentButton = Readonly<v.InferOutput<typeof SentButton>>;
export type SentKeyboard = Readonly<v.InferOutput<typeof SentKeyboard>>;

/** Why a press does nothing, in words for whoever pressed. */
const NOTICES = {
  outdated: "This button has expired.",
  not_yours: "This is for somebody else. The same command gives you your own.",
  refused: "I only answer my owner here.",
  owner_only: "Only the owner can use this here.",
} as const;

/** The session's sign in a button: a hash, because a session's key may be longer than a button's data. */
const tagOf = (session: string): string => hashOf([session]).toString(36);

/** Binds buttons to the session that they are for. */
export function bind({ choices = [], actions = [] }: Keyboard, session: string): SentKeyboard {
  const tag = tagOf(session);
  const bound = (buttons: NonNullable<Keyboard["choices"]>) =>
    buttons.map(({ label, command }) => ({ label, data: `${tag}:${command}` }));
  return { choices: bound(choices), actions: bound(actions) };
}

/**
 * Reads what a pressed button holds: the command to run as whoever pressed it, or the line for them where it does
 * nothing. A client may send what no button ever held, so that nothing here is trusted: the command is checked as
 * one that was typed.
 */
export function readPress(data: string, source: Source, routes: CompiledRoutes): Result<string, string> {
  const [, tag, text = ""] = /^([0-9a-z]{1,7}):(\/.*)$/s.exec(data) ?? [];
  const call = parseCommand(text);
  const command = call && findCommand(call.name);
  if (!call || !command) return fail(NOTICES.outdated);
  const kind = classify(source, routes);
  if (!admit(source, kind, routes.access).ok) return fail(NOTICES.refused);
  if (tag !== tagOf(sessionKey(source))) return fail(NOTICES.not_yours);
  return mayCall(command, call.args, kind, routes.access, source) ? ok(text) : fail(NOTICES.owner_only);
}
