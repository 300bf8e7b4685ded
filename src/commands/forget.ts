import { sessionKey } from "../message/key.ts";
import { type Command, type CommandContext, PEOPLE } from "./command.ts";
import { unchoose } from "./new.ts";
import { counted } from "./words.ts";

const STAYS =
  "What stays has no text: counts of tokens, and for two days the ids by which a message that comes twice is known.";

export const forget: Command = {
  name: "forget",
  summary: "Delete for good what I keep of this conversation, and what I remember of it",
  access: PEOPLE,
  destroys: true,
  async run(_args, context) {
    const { session, message } = context;
    const { running, dropped } = session.stop();
    const tasks = session.tasks?.list() ?? [];
    for (const { id } of tasks) session.tasks?.stop(id);
    const reminders = await cancelReminders(context);
    await session.dropOverheard();
    const notes = await session.memory?.shown(message.source);
    await session.memory?.forget(message.source, session.seq);
    await unchoose(context);
    // Last, and in one commit with the receipt's numbers.
    const { exchanges = 0, parked = 0 } = session.kept?.forget() ?? {};
    const gone = [
      ...some(exchanges, "question"),
      ...some(parked, "unanswered message"),
      ...some(dropped + (running ? 1 : 0), "message in hand"),
      ...some(tasks.length, "background task"),
      ...some(reminders, "reminder"),
      ...(notes?.owner ? ["my notes about you"] : []),
      ...(notes?.chat ? ["my notes about this chat"] : []),
    ];
    const what = gone.length === 0 ? "there was nothing" : gone.join(", ");
    return `Forgotten for good: ${what}. ${STAYS} What this chat shows is yours to delete.`;
  },
};

const some = (count: number, unit: string): string[] => (count > 0 ? [counted(count, unit)] : []);

/** Cancels the session's reminders; how many there were. Only an owner has any. */
async function cancelReminders({ session, message, commands, kind }: CommandContext): Promise<number> {
  if (kind !== "owner" || !commands.some(({ name }) => name === "remind")) return 0;
  const scheduler = session.scheduler();
  const key = sessionKey(message.source);
  const reminders = await scheduler.reminders(key);
  for (const { id } of reminders) await scheduler.cancelReminder(key, id);
  return reminders.length;
}
