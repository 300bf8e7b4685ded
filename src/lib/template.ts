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

/** The places of a bundle's headers and extra_body that are filled anew for each message: `{session}`. */
export const MARK_NAMES = ["session", "source_kind", "user_id", "platform"] as const;
export type MarkName = (typeof MARK_NAMES)[number];

/** `${session}` is a secret's place and no mark. */
const MARK = new RegExp(`(?<!\\$)\\{(${MARK_NAMES.join("|")})\\}`);

/** Whether a text has a place that is filled for each message. */
export const hasMark = (text: string): boolean => MARK.test(text);

/**
 * The text with its marks replaced by `fill` and what stands between them by `rest`, each on its own: what came
 * from outside is never looked at again. Undefined where a mark has no value.
 */
export function fillMarks(
  text: string,
  fill: (name: MarkName) => string | undefined,
  rest: (text: string) => string,
): string | undefined {
  const pieces = text.split(MARK).map((piece, index) => {
    const name = index % 2 === 0 ? undefined : MARK_NAMES.find((known) => known === piece);
    return name === undefined ? rest(piece) : fill(name);
  });
  return pieces.includes(undefined) ? undefined : pieces.join("");
}
