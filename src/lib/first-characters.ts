/** The first so many code points of a text, none of them cut in half. */
export function firstCharacters(text: string, count: number): string {
  // A code point takes up to two units.
  return [...text.slice(0, 2 * count)].slice(0, count).join("");
}
