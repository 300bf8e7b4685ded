import * as v from "valibot";
import { int } from "../../../lib/schema.ts";
import { pack, unpack } from "../../packed.ts";

/** How a part of a text is shown (https://core.telegram.org/bots/api#messageentity), in UTF-16 units. */
const Entity = v.object({
  type: v.string(),
  offset: int,
  length: int,
  url: v.optional(v.string()),
  language: v.optional(v.string()),
});

/** What a message says: a text with its entities, or a file (text/code-file.ts). */
const Content = v.object({
  text: v.string(),
  entities: v.array(Entity),
  /** In the place of both: a whole answer's Markdown, for Telegram to read itself. */
  rich: v.optional(v.string()),
});
export type Content = v.InferOutput<typeof Content>;

/** A message as a chunk of an answer: its text, where that is all there is to it. */
export const chunkOf = (content: Content): string =>
  content.entities.length === 0 && content.rich === undefined ? content.text : pack(content);

/** The message that a chunk is. */
export const readContent = (chunk: string): Content =>
  unpack(Content, chunk) ?? { text: chunk, entities: [] };
