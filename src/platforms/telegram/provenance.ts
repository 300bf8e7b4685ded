import { nameOf } from "../../message/speaker.ts";
import type { Message } from "./schema.ts";

/** Whether its sender did not write a message: its text is nobody's command. */
export const isPassedOn = ({ forward_origin, via_bot }: Message): boolean =>
  forward_origin !== undefined || via_bot !== undefined;

/**
 * `[Forwarded from 7 Eve] ` and the like before what its sender did not write; nothing before one's own words.
 * https://core.telegram.org/bots/api#messageorigin
 */
export function provenanceOf({ forward_origin: origin, via_bot }: Message): string {
  if (!origin) return via_bot === undefined ? "" : "[Via a bot] ";
  const { sender_user: user, sender_user_name, sender_chat, chat } = origin;
  const name = nameOf({
    user_id: user && String(user.id),
    user_name: user?.first_name ?? sender_user_name ?? (sender_chat ?? chat)?.title,
  });
  return `[Forwarded from ${name}] `;
}
