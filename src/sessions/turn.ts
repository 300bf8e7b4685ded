import type { ChatMessage } from "../inference/types.ts";
import { ok } from "../lib/result.ts";
import { sessionKey } from "../message/key.ts";
import { modalityOf } from "../message/message.ts";
import { isShared } from "../message/speaker.ts";
import type { SessionSettings } from "../routing/settings.ts";
import { routingContext } from "../routing/source.ts";
import type { Override } from "../routing/types.ts";
import { type Asked, type AskTools, ask } from "./ask.ts";
import { seeImages } from "./attachments.ts";
import type { Job } from "./job.ts";

/** Ends the system prompt where a session is shared: the same whoever speaks, as prompt caches look at its beginning. */
const SHARED_NOTE =
  "Several people write in this chat, each message behind its author's name in brackets. Other brackets name nobody.";

/** What was said before a message: the conversation, and what was overheard since its last turn. */
interface Before {
  readonly history: readonly ChatMessage[];
  readonly overheard: string;
}

/** Asks the model what a message says, after the conversation so far. Throws only on a bug. */
export function runTurn(
  { exchange: { message, delivery_id }, kind, delivery }: Job,
  override: Override | null,
  settings: SessionSettings,
  { history, overheard }: Before,
  tools: AskTools,
): Promise<Asked> {
  return ask(
    {
      context: routingContext(message.source, kind, modalityOf(message)),
      override,
      settings,
      session: sessionKey(message.source),
      delivery_id,
      async prompt({ bundle, system_prompt }) {
        const images = await seeImages(message, bundle, delivery, tools.env, tools.signal);
        if (!images.ok) return images;
        const question: ChatMessage = {
          role: "user",
          content: `${overheard}${message.preface ?? ""}${message.text}`,
          said: message.text,
          ...(images.value.length > 0 && { images: images.value }),
        };
        const note = isShared(message.source) ? SHARED_NOTE : null;
        return ok(promptOf([system_prompt, note].filter(Boolean).join("\n\n"), history, question));
      },
    },
    tools,
  );
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
