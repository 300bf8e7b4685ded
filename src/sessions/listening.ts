import type { OverheardLine } from "../env.ts";
import { log } from "../lib/log.ts";
import { roomKey } from "../message/key.ts";
import type { InboundMessage } from "../message/message.ts";
import { listensTo } from "../routing/groups.ts";
import type { SessionState } from "./state.ts";

type Message = Pick<InboundMessage, "source" | "received_at">;

/**
 * What was overheard in a message's room and this session's turns have not seen yet, oldest first. A room that does
 * not answer keeps no question waiting: what was said there is seen by a later turn.
 */
export async function unseenLines(
  state: SessionState,
  { source }: Message,
): Promise<readonly OverheardLine[]> {
  const { name, routes, overheard, roomOf } = state;
  if (!listensTo(source, routes)) return [];
  try {
    return overheard.unseen(await roomOf(roomKey(source)).overheard());
  } catch (error) {
    log("warn", "room_unheard", { session: name, detail: String(error) });
    return [];
  }
}

/** Forgets what was overheard in a message's room until it came. @throws if the room does not answer */
export async function dropOverheard(state: SessionState, { source, received_at }: Message): Promise<void> {
  if (listensTo(source, state.routes)) await state.roomOf(roomKey(source)).dropOverheard(received_at);
}
