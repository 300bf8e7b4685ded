import type { Styled } from "./flow.ts";
import { pairs } from "./markdown/signs.ts";

/** What files of a language end in, where that is not what a fence calls it. */
const ENDINGS = pairs`
  python py javascript js typescript ts bash sh shell sh rust rs ruby rb csharp cs c# cs c++ cpp kotlin kt markdown md text txt`;

/** Begins a chunk that is a file; no chat's text begins with it. */
const SIGN = "\u001d";
/** A fence that no code ends. */
const FENCE = "`".repeat(16);

/** Code that is to be a file, as a chunk of an answer: its Markdown behind a sign. */
export const fileChunk = ({ text, spans }: Styled): string =>
  `${SIGN}${FENCE}${spans.find(({ type }) => type === "pre")?.detail}\n${text}\n${FENCE}`;

/** The Markdown of a chunk that is a file; undefined for any other. */
export const fileMarkdown = (chunk: string): string | undefined =>
  chunk.startsWith(SIGN) ? chunk.slice(1) : undefined;

/**
 * The file that a chunk is, named by its fence's language: `answer.py`, or `code.txt` where that says nothing. And
 * what is said beside it. Null for any other chunk.
 */
export function fileIn(chunk: string) {
  const [, language = "", code = "", beside = ""] = PARTS.exec(fileMarkdown(chunk) ?? "") ?? [];
  if (code === "") return null;
  const name = language.toLowerCase();
  const ending = ENDINGS.get(name) ?? name;
  const named = /^\w+$/.test(ending) ? `answer.${ending}` : "code.txt";
  return { file: new File([code], named, { type: "text/plain" }), beside };
}
const PARTS = /^`{16}(.*)\n([\s\S]*)\n`{16}([\s\S]*)$/;
