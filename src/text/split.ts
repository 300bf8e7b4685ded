import { type Fence, findFences } from "./fences.ts";

/** How far from a hard cut a character made of several code points may reach, in UTF-16 units. */
const GRAPHEME_REACH = 64;
const FENCE_CHARACTERS = "`~";
/** How far behind a cut a fence's marker is looked for, whitespace included. */
const FENCE_LOOKAHEAD = 8;
const SENTENCE_END = ".!?…";
/** Ends of sentences in scripts that put no space after them. */
const WIDE_SENTENCE_END = "。！？";

/**
 * Cuts a Markdown text into chunks of at most `limit` UTF-16 units; a text that fits stays one chunk.
 * - It cuts between paragraphs, else at a newline, after a sentence, or at a space; within a word only where
 *   there is none of these, and then between characters as people see them.
 * - A code block that fits into one chunk is kept whole. Of a longer one, each chunk closes the fence, and the
 *   next opens it again with its language. A fence that the text itself leaves open is closed, too.
 * - Only whitespace is lost at cuts. No chunk is blank, so a blank text gives none.
 *
 * `limit` must be at least 512, to have room for repeated fences. Time is linear in the text.
 */
export function splitMarkdown(text: string, limit: number): string[] {
  const fences = findFences(text);
  const last = fences.at(-1);
  const closing = last && !last.closed ? closer(last, text) : "";
  const chunks: string[] = [];
  const push = (chunk: string) => {
    if (chunk.trim() !== "") chunks.push(chunk);
  };

  let position = 0;
  /** The first fence that the current chunk cannot hold whole. */
  let next = 0;
  /** The fence that the last chunk was cut in. */
  let open: Fence | undefined;
  while (position < text.length) {
    const prefix = open ? opener(open) : "";
    const room = limit - prefix.length;
    if (text.length - position + closing.length <= room) {
      push(prefix + text.slice(position) + closing);
      break;
    }
    const end = position + room;
    let fence = fences[next];
    while (fence?.closed && fence.end <= end) fence = fences[++next];

    if (!fence || fence.start >= end) {
      const cut = proseCut(text, position, end, fences[next - 1]?.end ?? 0);
      push(prefix + text.slice(position, cut).trimEnd());
      position = afterSpace(text, cut);
      open = undefined;
    } else if (fence !== open && fence.start > position && belongsToNext(fence, position, limit)) {
      push(prefix + text.slice(position, fence.start).trimEnd());
      position = fence.start;
      open = undefined;
    } else {
      const cut = codeCut(text, Math.max(position, fence.bodyStart), end - closer(fence).length, fence);
      push(prefix + text.slice(position, cut) + closer(fence));
      const rest = text[cut] === "\n" ? cut + 1 : cut;
      open = rest < fence.bodyEnd ? fence : undefined;
      position = open ? rest : afterSpace(text, fence.end);
    }
  }
  return chunks;
}

function opener(fence: Fence): string {
  return `${fence.indent}${fence.marker}${fence.info}\n`;
}

/** The line that closes a fence, after `text` where that is given. */
function closer(fence: Fence, text = ""): string {
  return `${text.endsWith("\n") ? "" : "\n"}${fence.indent}${fence.marker}`;
}

/** Whether a fence that does not fit here starts the next chunk: it is whole there, or hardly begun here. */
function belongsToNext(fence: Fence, position: number, limit: number): boolean {
  const whole = fence.end - fence.start + (fence.closed ? 0 : closer(fence).length);
  return whole <= limit || fence.start - position >= limit / 2;
}

/** Where to end a chunk inside a fence's code: before the last newline that fits, or at the code's end. */
function codeCut(text: string, from: number, end: number, fence: Fence): number {
  if (fence.bodyEnd <= end) return fence.bodyEnd;
  const newline = text.slice(from, end + 1).lastIndexOf("\n");
  return newline > 0 ? from + newline : hardCut(text, from, end);
}

/** Where to end a chunk of prose: as late as possible at the best kind of break. Never before `floor`. */
function proseCut(text: string, position: number, end: number, floor: number): number {
  const half = Math.max(floor, position + ((end - position) >> 1));
  const quarter = Math.max(floor, position + ((end - position) >> 2));
  // The whitespace to cut at may be the first that does not fit.
  const view = text.slice(position, end + 2);
  const paragraph = position + view.lastIndexOf("\n\n", end - position);
  if (paragraph >= half) return paragraph;
  const newline = position + view.lastIndexOf("\n", end - position);
  if (newline >= half) return newline;
  const code = inlineCode(text, Math.max(newline + 1, floor, position), end);
  const word = wordCut(text, { end, half, quarter }, code);
  if (word > position) return word;
  return floor > position ? floor : hardCut(text, position, end);
}

interface Window {
  readonly end: number;
  readonly half: number;
  readonly quarter: number;
}

/**
 * The last sentence end from `half` on, else the last space from `quarter` on; outside inline code if possible.
 * 0 if there is none.
 */
function wordCut(text: string, { end, half, quarter }: Window, code: Span[]): number {
  let space = 0;
  let spaceInCode = 0;
  for (let cut = end; cut >= quarter && cut > 0; cut--) {
    const before = text.charAt(cut - 1);
    const wide = WIDE_SENTENCE_END.includes(before);
    if (!wide && !isSpace(text.charAt(cut))) continue;
    // A run of three in mid-line would open a fence at the start of the next chunk.
    if (/^\s*(?:```|~~~)/.test(text.slice(cut, cut + FENCE_LOOKAHEAD))) continue;
    let span = code.at(-1);
    while (span && span.from >= cut) {
      code.pop();
      span = code.at(-1);
    }
    if (span && cut < span.to) spaceInCode ||= cut;
    else if (cut >= half && (wide || SENTENCE_END.includes(before))) return cut;
    else space ||= cut;
  }
  return space || spaceInCode;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where the inline code of a line is; a run of backticks without its pair counts as open to the end. */
function inlineCode(text: string, from: number, end: number): Span[] {
  const spans: Span[] = [];
  let open: RegExpExecArray | undefined;
  for (const run of text.slice(from, end).matchAll(/`+/g)) {
    if (!open) open = run;
    else if (run[0].length === open[0].length) {
      spans.push({ from: from + open.index, to: from + run.index + run[0].length });
      open = undefined;
    }
  }
  if (open) spans.push({ from: from + open.index, to: end + 1 });
  return spans;
}

/** The last place up to `end` that splits no character, and leaves no run of fence characters in front. */
function hardCut(text: string, position: number, end: number): number {
  let cut = end;
  while (cut > position && end - cut < GRAPHEME_REACH && FENCE_CHARACTERS.includes(text.charAt(cut))) cut--;
  if (cut === position || end - cut === GRAPHEME_REACH) cut = end;
  const from = Math.max(position, cut - GRAPHEME_REACH);
  const near = new Intl.Segmenter().segment(text.slice(from, cut + GRAPHEME_REACH));
  return from + (near.containing(cut - from)?.index ?? cut - from);
}

/** Past the whitespace at a cut, but not past the indentation of the next line with text. */
function afterSpace(text: string, cut: number): number {
  let line = cut;
  let at = cut;
  while (at < text.length && isSpace(text.charAt(at))) {
    at++;
    if (text[at - 1] === "\n") line = at;
  }
  return line > cut ? line : at;
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}
