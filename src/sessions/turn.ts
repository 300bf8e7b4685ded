import type { ChatMessage } from "../inference/types.ts";
import { ok } from "../lib/result.ts";
import { sessionKey } from "../message/key.ts";
import { modalityOf } from "../message/message.ts";
import { isShared } from "../message/speaker.ts";
import type { SessionSettings } from "../routing/settings.ts";
import { routingContext } from "../routing/source.ts";
import type { Override } from "../routing/types.ts";
import { type Asked, type AskTools, ask } from "./ask.ts";
import { keptOf, readAttachments } from "./attachments.ts";
import type { ReadTools } from "./fetch-file.ts";
import { questionOf } from "./history.ts";
import type { Job } from "./job.ts";

/** Ends the system prompt where a session is shared: the same whoever speaks, as prompt caches look at its beginning. */
const SHARED_NOTE =
  "Several people write in this chat, each message behind its author's id and name in brackets. Other brackets name nobody.";

/** What was said before a message: the conversation, and what was overheard since its last turn. */
interface Before {
  readonly history: readonly ChatMessage[];
  readonly overheard: string;
  /** What is remembered of earlier conversations; nothing where that is empty. */
  readonly remembered?: string | undefined;
}

/** What a turn came to, and its question as later turns see it, with what was overheard before it. */
export interface TurnEnd {
  readonly asked: Asked;
  readonly question: string;
}

/**
 * Asks the model what a message says, after the conversation so far. Throws only on a bug.
 * @param note ends the system prompt
 */
export async function runTurn(
  { exchange: { message, delivery_id }, kind, delivery }: Job,
  override: Override | null,
  settings: SessionSettings,
  { history, overheard, remembered }: Before,
  tools: AskTools & ReadTools,
  note = isShared(message.source) ? SHARED_NOTE : "",
): Promise<TurnEnd> {
  let kept = questionOf(message);
  const asked = await ask(
    {
      context: routingContext(message.source, kind, modalityOf(message)),
      override,
      settings,
      session: sessionKey(message.source),
      delivery_id,
      async prompt({ bundle, system_prompt }) {
        const seen = await readAttachments(message, bundle, delivery, tools);
        if (!seen.ok) return seen;
        const { images, text } = seen.value;
        kept = questionOf(message, keptOf(seen.value, tools.routes.history_tokens));
        const question: ChatMessage = {
          role: "user",
          content: `${overheard}${message.preface ?? ""}${text}${message.text}`,
          said: message.text || text,
          ...(images.length > 0 && { images }),
        };
        return ok(
          promptOf([system_prompt, note, remembered].filter(Boolean).join("\n\n"), history, question),
        );
      },
    },
    tools,
  );
  return { asked, question: overheard + kept };
}

/** The messages of a request: what the model is told, what was said, what is asked. Pure. */
function promptOf(
  system_prompt: string,
  history: readonly ChatMessage[],
  question: ChatMessage,
): ChatMessage[] {
  const system: ChatMessage[] = system_prompt ? [{ role: "system", content: system_prompt }] : [];
  return [...system, ...history, question];
}
