import type { Writer } from "../flow.ts";
import type { Context } from "./context.ts";
import { closeAll, styleOf, writeDelimiter, writeRun } from "./emphasis.ts";
import { closeBracket, writeAddress } from "./links.ts";
import { Openers, type Reading } from "./reading.ts";
import { script } from "./scripts.ts";
import { signOf } from "./signs.ts";
import { readableTex } from "./tex.ts";

/** What a rule found: the match's groups, and where it begins and ends. */
type Found = readonly [groups: readonly (string | undefined)[], from: number, end: number];
/** A construct, and what writes it: gives where the text goes on, if not behind it; null where it is none after all. */
type Rule = readonly [RegExp, (reading: Reading, ...found: Found) => unknown];

const SPECIAL = /[\\`*_~$![\]<&]|https?:\/\//g;
/** Prices have dollars, too: between single ones, a formula has a sign of one. */
const LIKE_A_FORMULA = /[\\^_={}]|^[a-zA-Z]$|^\w\([\w, ]+\)$/;
/** What the end of a text that is still being written may yet become part of. */
const UNDECIDED =
  /(?:[*_~`]{1,3}|<\/?[a-z]{0,10}|<https?:\/{0,2}|&#?\w{0,10}|\[\^[^\]\s]{0,64}|\\|!|\ufffd)$/i;
/** Layout that a chat has none of. */
const LAYOUT = /^(?:p|div|span|center|details|u|su[bp])$/i;

/** The bounds keep time linear. Where several rules match, the first one counts. */
const RULES: readonly Rule[] = [
  [/(?<!`)(`+)(?!`)([\s\S]{1,2000}?)(?<!`)\1(?!`)/y, ({ writer }, [, , code = ""]) => pushCode(writer, code)],
  [
    /(?<!`)`{1,2}(?!`)([\s\S]+)/y,
    ({ writer, growing }, [, code = ""]) => (growing ? pushCode(writer, code) : null),
  ],
  [
    /\\\(([\s\S]{1,1000}?)\\\)|\\\[([\s\S]{1,1000}?)\\\]|\$\$([\s\S]{1,1000}?)\$\$/y,
    ({ writer }, [, inline, display, dollars]) => pushTex(writer, inline ?? display ?? dollars ?? ""),
  ],
  [
    /(?<![\w$])\$(?=[^\s$])([^$\n]*[^\s$])\$(?![\w$])/y,
    ({ writer }, [, tex = ""]) => (LIKE_A_FORMULA.test(tex) ? pushTex(writer, tex) : null),
  ],
  // What there is of a formula that is still being written reads badly.
  [
    /\\[([]|\$\$|(?<![\w$])\$(?=[^$\n]{0,500}[\\^_{])/y,
    ({ source, growing }, _, __, end) => (growing && !source.includes("$", end) ? source.length : null),
  ],
  // Before the end of a line it would break the line, which is broken here anyway.
  [/\\([!-/:-@[-`{-~\n])/y, ({ writer }, [, sign = ""]) => void writer.push(sign)],
  [/&(?:#(x[\da-f]{1,5}|\d{1,6})|(\w{2,8}));/iy, entity],
  [
    /<(?:(https?:\/\/[^\s<>]+)|(?:mailto:)?([\w.+-]{1,64}@[\w.-]+))(?:>|$)/iy,
    ({ writer }, [, url, mail = ""]) => void writer.push(url ?? mail, url === undefined ? undefined : "link"),
  ],
  [/https?:\/\//iy, writeAddress],
  [
    /<su([bp])>([^<>]{1,64})<\/su\1>/iy,
    ({ writer }, [, kind, text = ""]) => void writer.push(script(/p/i.test(kind ?? "") ? "^" : "_", text)),
  ],
  [/<br ?\/?>/iy, ({ writer }) => void writer.push("\n")],
  [/<(\/?)([a-z]{1,10})(?:\s[^<>]{0,500})?>/iy, tag],
  [/\[\^([^\]\s]{1,64})\]/y, note],
  [/!?\[/y, ({ writer, openers }, [bracket = ""], _, end) => openers.open("[", writer.push(bracket), end)],
  [/\]/y, closeBracket],
  [/\*+|_+|~+/y, (reading, [run = ""], from) => writeRun(reading, run, from)],
];

/**
 * Writes the inline Markdown of one block, which may have several lines: emphasis, code, links, formulas, the HTML
 * that models use. `growing`: the text is still being written. Time is linear in the text.
 */
export function writeInline(context: Context, text: string, growing = false): void {
  const { writer } = context;
  const source = growing ? text.replace(UNDECIDED, "") : text;
  const reading: Reading = { context, writer, source, growing, openers: new Openers(), linked: -1 };
  let at = 0;
  for (let next = specialAt(source, at); next < source.length; next = specialAt(source, at)) {
    if (next > at) writer.push(source.slice(at, next));
    at = writeConstruct(reading, next);
  }
  writer.push(source.slice(at));
  if (growing) closeAll(reading);
}

function specialAt(source: string, from: number): number {
  SPECIAL.lastIndex = from;
  return SPECIAL.exec(source)?.index ?? source.length;
}

/** Writes what begins at this sign, and returns where the text goes on. */
function writeConstruct(reading: Reading, from: number): number {
  for (const [pattern, write] of RULES) {
    pattern.lastIndex = from;
    const found = pattern.exec(reading.source);
    const end = pattern.lastIndex;
    const next = found ? write(reading, found, from, end) : null;
    if (next !== null) return typeof next === "number" ? next : end;
  }
  reading.writer.push(reading.source.charAt(from));
  return from + 1;
}

function pushCode(writer: Writer, written: string): void {
  const code = written.replaceAll(/\n[ \t]*/g, " ");
  // One space on each side is there to let code begin with a backtick.
  writer.push(/^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code, "code");
}

function pushTex(writer: Writer, tex: string): void {
  const text = readableTex(tex);
  if (text === null) pushCode(writer, tex.trim());
  else writer.push(text);
}

function entity({ writer }: Reading, [, code, name = ""]: Found[0]): null | undefined {
  // `&#65;` and `&#x41;` are A.
  const text = code === undefined ? signOf(name) : String.fromCodePoint(Number(`0${code}`)).toWellFormed();
  if (text === undefined) return null;
  writer.push(text);
  return undefined;
}

/** Like other delimiters, tags count in pairs, so that `Vec<b>` stays. */
function tag(reading: Reading, [written = "", slash, tag_name = ""]: Found[0], _: number, at: number) {
  const name = tag_name.toLowerCase();
  if (LAYOUT.test(name)) return reading.source[at] === "\n" ? at + 1 : at;
  if (!styleOf(name)) return null;
  writeDelimiter(reading, name, written, !slash, Boolean(slash), at, true);
  return undefined;
}

function note(
  { context, writer, source }: Reading,
  [, label = ""]: Found[0],
  from: number,
): null | undefined {
  // Whether a note follows is not known while the text is being written.
  if (!context.notes.has(label) && !(context.growing && /^\d+$/.test(label))) return null;
  writer.push((source[from - 1] === "]" ? " " : "") + script("^", label));
  return undefined;
}
