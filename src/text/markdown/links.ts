import type { Writer } from "../flow.ts";
import type { Reading } from "./reading.ts";

/** A bare address, which stays as it is. Brackets belong to it in pairs; quotes, emphasis and CJK do not. */
const ADDRESS = /https?:\/\/(?:[^\s<>()[\]"`*~\u0080-\uffff]|\([^\s<>()[\]"`*~\u0080-\uffff]*\)|~(?!~))*/iy;
const DESTINATION = /\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)/y;
const LABEL = /\[([^\]\n]{0,200})\]/y;
/** An address, or a label, that may still be being written. */
const UNFINISHED = /(?:\(\S{0,500}(?:[ \t]+["'][^\n]{0,200})?|\[[^\]]{0,200})?$/y;
const MAX_LABEL = 200;
/** Schemes that do something instead of naming a place, or hold their content; and places in the same text. */
const SILENT = /^(?:tg:|javascript:|data:|#|$)/i;
/** No message could hold a longer one behind its text. */
const MAX_URL = 1_000;

/** What a sticky pattern finds at this place; nothing at all where it finds none. */
function matchAt(pattern: RegExp, source: string, at: number): readonly (string | undefined)[] {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? [];
}

/** Writes a closing bracket, with the address if it ends a link; returns where the text goes on. */
export function closeBracket(reading: Reading, _: unknown, from: number, end: number): number {
  const { context, openers, source, growing, writer } = reading;
  const { pieces } = writer;
  const opener = openers.take("[");
  if (!opener || opener.piece < reading.linked) {
    writer.push("]");
    return end;
  }
  const { piece } = opener;
  const image = pieces[piece] === "![";
  const text = source.slice(opener.at, Math.min(from, opener.at + MAX_LABEL));
  let [whole, url] = matchAt(DESTINATION, source, end);
  let bracket = "";
  if (whole === undefined) {
    const [second, label] = matchAt(LABEL, source, end);
    url = context.links.get((label || text).toLowerCase());
    whole = second;
    if (second === undefined && /^\d+$/.test(text)) bracket = "[";
    // What it leads to is still to come.
    if (url === undefined && growing) [whole = second] = matchAt(UNFINISHED, source, end);
    if (url === undefined && context.growing && whole !== undefined) url = "";
  }
  if (url === undefined || (text.trim() === "" && !image)) {
    writer.push("]");
    return end;
  }
  pieces[piece] = bracket;
  if (bracket) writer.push("]");
  if (image && pieces.length === piece + 1) writer.push("image");
  writeLink(writer, piece, url);
  if (!image) reading.linked = piece;
  return end + (whole?.length ?? 0);
}

/** An http(s) address with a dot in its host, and nothing in it or its port for which Telegram refuses a message. */
const LINKED =
  /^https?:\/\/(?=[^/?#.]+\..)[^\s"#%/:<>?@[-^`{-}]+(?::(?:[1-9]\d{1,3}|[1-5]\d{4}))?(?:[/?#]|$)/i;

/**
 * Shows the pieces from this one on as a link. Telegram's server drops a link, and so the address, whose host has no
 * dot, or refuses all entities for one that is malformed (tdlib, LinkManager::check_link_impl and parse_url), and
 * Discord masks only http(s): any other address is said behind the text.
 */
function writeLink(writer: Writer, piece: number, written: string): void {
  const url = written.replaceAll(/\\(?=[!-/:-@[-`{-~])/g, "");
  const text = writer.pieces.slice(piece).join("");
  if (LINKED.test(url) && url.length <= MAX_URL) {
    writer.mark("link", piece, text === url ? "" : url);
    return;
  }
  const address = url.replace(/^(?:mailto|tel):([^?]*).*/i, "$1");
  if (!SILENT.test(address) && !text.includes(address)) writer.push(` (${address})`);
}

/** Writes the bare address that begins here; returns where the text goes on. */
export function writeAddress({ openers, source, writer }: Reading, _: unknown, from: number): number {
  const [whole = ""] = matchAt(ADDRESS, source, from);
  // What ends a sentence is not the address's, nor is an underscore that ends emphasis.
  const url = whole.replace(openers.isOpen("_") ? /[.,;:!?'_]+$/ : /[.,;:!?']+$/, "");
  writer.push(url, url.endsWith("//") ? undefined : "link");
  return from + url.length;
}
