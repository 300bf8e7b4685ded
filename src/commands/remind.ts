import { timeIn } from "../lib/zone.ts";
import { sessionKey } from "../message/key.ts";
import type { Command, CommandContext } from "./command.ts";
import { readWhen } from "./when.ts";
import { verbatim } from "./words.ts";

/** The farthest that a reminder may lie ahead. */
const FARTHEST_MS = 5 * 366 * 24 * 60 * 60_000;

const USAGE =
  "That is /remind WHEN TEXT, with a time such as `in 20m`, `9:00`, `tomorrow 9:00`, `monday 9:00` or `2026-12-24 18:00`. /remind cancel N takes one away.";
/** What `unreachable` takes there. */
const ON_DISCORD = " On Discord I need DISCORD_BOT_TOKEN, and to be a member of the server.";
const REFUSALS = {
  unreachable: "I cannot write here by myself later.",
  full: "Too many reminders are waiting here already. /remind lists them, /remind cancel N takes one away.",
} as const;

export const remind: Command = {
  name: "remind",
  summary: "Be reminded in this chat: /remind in 20m TEXT; alone it lists, /remind cancel N",
  argument: { name: "when", summary: "A time and the text: tomorrow 9:00 Call Ada" },
  access: ["owner"],
  async run(args, context) {
    const { message, kind, now, session } = context;
    // Whatever access.commands says: the model answers as for the owner.
    if (kind !== "owner") return "Only an owner can be reminded.";
    if (args === "") return list(context);
    const [, cancelled] = /^cancel\s+(\d+)$/i.exec(args) ?? [];
    if (cancelled !== undefined) return cancel(Number(cancelled), context);
    const zone = zoneOf(context);
    const when = readWhen(args, now, zone);
    if (!when || when.text === "") return USAGE;
    if (when.at <= now) return `${timeIn(when.at, zone)} is over.`;
    if (when.at > now + FARTHEST_MS) return "That is too far ahead: five years at most.";
    const id = await session.scheduler().remind(message, when.at, when.text);
    if (id === "unreachable" && message.source.platform === "discord") return REFUSALS[id] + ON_DISCORD;
    if (typeof id === "string") return REFUSALS[id];
    return `Reminder ${id}: ${timeIn(when.at, zone)}.`;
  },
};

async function list(context: CommandContext): Promise<string> {
  const { message, session } = context;
  const reminders = await session.scheduler().reminders(sessionKey(message.source));
  if (reminders.length === 0) return `No reminders are waiting here. ${USAGE}`;
  return reminders
    .map(({ id, at, text }) => `${id}: ${timeIn(at, zoneOf(context))} ${verbatim(text)}`)
    .join("\n");
}

async function cancel(id: number, { message, session }: CommandContext): Promise<string> {
  const gone = await session.scheduler().cancelReminder(sessionKey(message.source), id);
  return gone ? `Reminder ${id} is cancelled.` : `There is no reminder ${id} here. /remind lists them.`;
}

const zoneOf = ({ routes }: CommandContext): string => routes.cron?.timezone ?? "UTC";
