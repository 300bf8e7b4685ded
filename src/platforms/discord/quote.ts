import { nameOf, quoted } from "../../message/speaker.ts";
import { filesOf, partsOf } from "./files.ts";
import { QUOTE_CHARS } from "./limits.ts";
import type { TargetMessage } from "./schema.ts";

/**
 * Another person's message as quoted data for the model: content, embeds' text and the names of attachments,
 * cut to a length that leaves room for an answer; a forwarded message by what was forwarded.
 * Null when there is no text and no file in it. Discord always sends the content of a message command's target.
 */
export function quote(message: TargetMessage): string | null {
  const parts = partsOf(message);
  const text = parts
    .flatMap((part) => [part.content, ...(part.embeds ?? []).flatMap(embedText)])
    .filter(said);
  if (text.length === 0 && filesOf(message).length === 0) return null;

  const names = parts.flatMap((part) =>
    (part.attachments ?? []).map((file) => `[attachment: ${file.filename}]`),
  );
  const { id: user_id, global_name, username } = message.author;
  return `[Message from ${nameOf({ user_id, user_name: global_name || username })}]: ${quoted(cut([...text, ...names].join("\n")))}`;
}

type Embed = NonNullable<TargetMessage["embeds"]>[number];

function embedText(embed: Embed): (string | null | undefined)[] {
  const fields = (embed.fields ?? []).map((field) => `${field.name}: ${field.value}`);
  return [embed.title, embed.description, ...fields];
}

function said(text: string | null | undefined): text is string {
  return typeof text === "string" && text.trim() !== "";
}

/** At most QUOTE_CHARS, never half of a surrogate pair. */
function cut(text: string): string {
  if (text.length <= QUOTE_CHARS) return text;
  return `${text.slice(0, QUOTE_CHARS - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
