import type { Styled } from "./flow.ts";
import { pairs } from "./markdown/signs.ts";

/** What files of a language end in, where that is not what a fence calls it. */
const ENDINGS = pairs`
  python py javascript js typescript ts bash sh shell sh rust rs ruby rb csharp cs c# cs c++ cpp kotlin kt markdown md text txt`;

/** A code block as a file, named by its fence's language: `answer.py`, or `code.txt` where that says nothing. */
export function codeFile(code: string, language = ""): File {
  const name = language.toLowerCase();
  const ending = ENDINGS.get(name) ?? name;
  return new File([code], /^\w+$/.test(ending) ? `answer.${ending}` : "code.txt", { type: "text/plain" });
}

/** A code block as a text with its style. */
export const codeFlow = (text: string, detail = ""): Styled => ({
  text,
  spans: [{ type: "pre", detail, from: 0, to: text.length }],
});
