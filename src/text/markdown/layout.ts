import type { Context } from "./context.ts";
import { isBlank } from "./lines.ts";

/** Writes a code block. */
export function writePre({ writer, dialect }: Context, text: string, language: string): void {
  if (isBlank(text)) return;
  const { prefix } = writer;
  writer.prefix = "";
  writer.newline();
  writer.push(text.replaceAll("\t", dialect.tab), "pre", language);
  writer.prefix = prefix;
}

/** Writes an item of a list, `depth` lists deep, which begins with this label. */
export function writeLabelled({ writer, dialect }: Context, label: string, depth: number, write: () => void) {
  const sign = dialect.sign(label, depth);
  writer.indented(sign, " ".repeat(sign.indexOf(" ") + 1 + dialect.indent), write);
}
