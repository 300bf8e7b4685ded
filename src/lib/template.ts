/** A secret's place in a text: `${NAME}`. */
const PLACE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The names in a text's `${NAME}` places, each once. */
export function placeNames(text: string): string[] {
  return [...new Set([...text.matchAll(PLACE)].map((match) => match[1] ?? ""))];
}

/** The text with each `${NAME}` replaced by what `fill` gives for its name. */
export const fillPlaces = (text: string, fill: (name: string) => string): string =>
  text.replace(PLACE, (_, name: string) => fill(name));

/** Whether the text is one `${NAME}` and nothing else. */
export const isPlace = (text: string): boolean => text === `\${${placeNames(text)[0]}}`;
