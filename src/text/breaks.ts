/** How far from a hard cut a character made of several code points may reach, in UTF-16 units. */
const GRAPHEME_REACH = 64;

/** Where prose may be cut, the best first; and how much of the room is to be filled at least. */
const BREAKS = [
  [/(?=\n\n)/g, 1 / 2],
  [/(?=\n)/g, 1 / 2],
  // Some scripts put no space after the end of a sentence.
  [/(?<=[.!?…])(?=\s)|(?<=[。！？])/g, 1 / 2],
  [/(?=\s)/g, 1 / 4],
] as const;

/**
 * Where to cut prose between `from` and `end`: as late as possible at the best kind of break. That is between
 * paragraphs, else at a newline, after a sentence, or at a space; within a word only where there is none of these,
 * and then between characters as people see them. What stands before `floor` is better kept together.
 */
export function proseCut(text: string, from: number, end: number, floor: number): number {
  for (const [pattern, filled] of BREAKS) {
    const least = Math.max(floor, from + 1, from + Math.floor((end - from) * filled));
    // The whitespace to cut at may be the first that does not fit.
    const places = Array.from(
      text.slice(least - 1, end + 2).matchAll(pattern),
      ({ index }) => least - 1 + index,
    );
    const place = places.findLast((cut) => cut >= least && cut <= end);
    if (place !== undefined) return place;
  }
  return floor > from ? floor : hardCut(text, from, end);
}

/** Where to cut code: before the last newline that fits. */
export function codeCut(text: string, from: number, end: number): number {
  const newline = text.lastIndexOf("\n", end);
  return newline > from ? newline : hardCut(text, from, end);
}

/** The last place up to `end` that splits no character. */
function hardCut(text: string, from: number, end: number): number {
  const start = Math.max(from, end - GRAPHEME_REACH);
  const near = new Intl.Segmenter().segment(text.slice(start, end + GRAPHEME_REACH));
  const place = start + (near.containing(end - start)?.index ?? 0);
  return place > from ? place : end;
}

/** Past the whitespace at a cut, but not past the indentation of the next line with text. */
export function afterSpace(text: string, cut: number): number {
  const [space = ""] = /^\s*/.exec(text.slice(cut)) ?? [];
  const line = text.slice(cut - 1, cut + space.length).lastIndexOf("\n");
  return cut + (line < 0 ? space.length : line);
}
