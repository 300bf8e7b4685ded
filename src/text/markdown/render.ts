import { cutFlow, type Limit } from "../cut.ts";
import { type Styled, Writer } from "../flow.ts";
import { DEFINITION, NOTE, writeBlocks } from "./blocks.ts";
import type { Context, Dialect } from "./context.ts";
import { settled } from "./growing.ts";

/**
 * Reads Markdown as models write it: CommonMark with tables, footnotes, tasks, formulas and some HTML, except where
 * that would take `__init__`, `2*3*4` or a text's own line breaks away. Lays it out in the platform's dialect, and
 * cuts it into parts that fit a message each, or with `files` are code that is to be one ({@link cutFlow}). Every text is some document: nothing fails. A blank one gives no part.
 *
 * `growing`: the text is a part of what is still being written. What is open at its end is read as if it were
 * closed there, and what may yet become markup is left out. Time is linear in the text.
 */
export function renderMarkdown(
  markdown: string,
  growing: boolean,
  dialect: Dialect,
  limit: Limit,
  files: boolean,
): Styled[] {
  // A lone half of a character makes platforms refuse the whole message.
  const whole = markdown.replaceAll(/\r\n?/g, "\n").toWellFormed();
  const source = growing ? settled(whole) : whole;
  const writer = new Writer();
  const context: Context = {
    writer,
    dialect,
    growing,
    links: new Map(
      Array.from(source.matchAll(DEFINITION), ([, label = "", url = ""]) => [label.toLowerCase(), url]),
    ),
    notes: new Set(Array.from(source.matchAll(NOTE), ([, label = ""]) => label)),
  };
  writeBlocks(context, source.split("\n"), { depth: 0, lists: 0, quoted: false, growing });
  const parts = cutFlow(writer.flow(), limit, files);
  // Markup alone is at least something to see.
  return parts.length > 0 || growing ? parts : cutFlow({ text: whole, spans: [] }, limit);
}
