import { afterSpace, codeCut, proseCut } from "./breaks.ts";
import type { Span, Styled } from "./flow.ts";

/** What one message may hold. */
export interface Limit {
  /** No more of a text fits, whatever its styles: UTF-16 units. */
  readonly units: number;
  /** Whether this fits as the platform writes it. If it does, so does every part of it. */
  fits(part: Styled): boolean;
}

/** A code block that does not fit begins the next part, unless it would leave less than this of a part filled. */
const MIN_FILLED = 1 / 8;
/** Code that would fill more than so many parts is to be a file. */
const MOST_PARTS = 2;

/**
 * Cuts a text into parts that fit a message each; one that fits stays whole.
 * - It cuts between paragraphs, else at a newline, after a sentence, or at a space; within a word only where there
 *   is none of these. A code block (`pre`) begins a new part rather than be cut, except near a part's beginning.
 * - A style that is cut goes on in the next part. Only whitespace is lost; no part is blank.
 * - With `files`, code that would fill more than two parts is one, whatever its length: the only parts of more than
 *   `units`, for a platform to attach.
 *
 * Time is linear in the text.
 */
export function cutFlow({ text, spans }: Styled, { units, fits }: Limit, files = false): Styled[] {
  const parts: Styled[] = [];
  const whole = spans.filter(
    ({ type, from, to }) =>
      files && type === "pre" && text.slice(from, to).trim().length > MOST_PARTS * units,
  );
  /** Spans that reach past the last cut, and the number of the first one after them. */
  let open: Span[] = [];
  let next = 0;
  let at = 0;

  const slice = (to: number): Styled => {
    const part = text.slice(at, to);
    const within = open.slice();
    for (let n = next, span = spans[n]; span && span.from < to; span = spans[++n]) within.push(span);
    const clipped = within
      .map((span) => ({ ...span, from: Math.max(0, span.from - at), to: Math.min(to, span.to) - at }))
      .filter((span) => part.slice(span.from, span.to).trim() !== "");
    return { text: part, spans: clipped };
  };

  /** Where the longest text ends that begins here and fits, up to this offset. */
  const fitting = (bound: number): number => {
    const most = Math.min(bound, at + units);
    if (fits(slice(most))) return most;
    let good = at + 1;
    let bad = most;
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (fits(slice(middle))) good = middle;
      else bad = middle;
    }
    return good;
  };

  /** Where to end the part that has room up to `end`. */
  const cutBefore = (end: number): number => {
    const block = slice(end).spans.findLast(({ type }) => type === "pre");
    const whole = block && at + block.to < end;
    if (!block || whole) return proseCut(text, at, end, at + (block?.to ?? 0));
    // Not by the block's length: as long as it is being written, that would move it to and fro.
    return block.from >= units * MIN_FILLED ? at + block.from : codeCut(text, at + block.from, end);
  };

  while (at < text.length) {
    for (let span = spans[next]; span && span.from < at; span = spans[++next]) open.push(span);
    open = open.filter(({ to }) => to > at);
    if ((whole[0]?.to ?? at + 1) <= at) whole.shift();
    const [file] = whole;
    const bound = file ? (at < file.from ? file.from : file.to) : text.length;
    const end = bound === file?.to ? bound : fitting(bound);
    const cut = end === bound ? end : cutBefore(end);
    const part = slice(at + text.slice(at, cut).trimEnd().length);
    if (part.text !== "") parts.push(part);
    at = afterSpace(text, cut);
  }
  return parts;
}

/** Cuts a text without styles into parts of at most `units` UTF-16 units each, as {@link cutFlow} does. */
export function cutText(text: string, units: number): string[] {
  const limit = { units, fits: (part: Styled) => part.text.length <= units };
  return cutFlow({ text, spans: [] }, limit).map((part) => part.text);
}
