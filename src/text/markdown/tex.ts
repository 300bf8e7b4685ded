import { script } from "./scripts.ts";
import { signOf } from "./signs.ts";

/** Commands that say how something looks or is laid out, and functions, which are words. */
const LOOKS = /^(?:left|right|limits|displaystyle|operatorname|boldsymbol|text[a-z]*|math[a-z]+)$/;
const FUNCTIONS = /^(?:(?:arc)?(?:sin|cos|tan)h?|log|ln|exp|lim|max|min)$/;
const COMMAND = /\\([a-zA-Z]+|[\s\S]) ?/g;
/** What has no further braces in it. */
const SIMPLE =
  /\\[dt]?frac *\{([^{}]*)\} *\{([^{}]*)\}|\\sqrt *\{([^{}]*)\}|([_^]) *(?:\{([^{}]*)\}|([^\s{}\\^_]))/gu;
const GROUP = /\{([^{}]*)\}/g;
const MAX_DEPTH = 12;
/** What means something to TeX; as a sign of the text, each stands as the character of this number meanwhile. */
const SPECIAL = "{}^_";
const FIRST_SIGN = 0xe000;

/**
 * A TeX formula as a line of Unicode that reads well: `x^2 \leq \frac{1}{n}` is `x² ≤ 1/n`. Null where it has
 * something that no line can show, such as a matrix. Time is linear in the formula.
 */
export function readableTex(tex: string): string | null {
  let text = tex.replaceAll(COMMAND, (written, name: string) => {
    if (FUNCTIONS.test(name)) return written.slice(1);
    if (LOOKS.test(name)) return "";
    const sign = signOf(name) ?? signOf(name.replace(/^var/, ""));
    if (sign !== undefined) return sign + written.slice(name.length + 1);
    if (/^(?:[,;: ]|q?quad)$/.test(name)) return " ";
    return /^[{}_%$#|]$/.test(name) ? masked(name) : written;
  });
  for (let depth = 0, before = ""; before !== text && depth < MAX_DEPTH; depth++) {
    before = text;
    text = text.replaceAll(SIMPLE, (_, top, bottom, root, sign, group, letter) => {
      if (sign !== undefined) return masked(script(sign, group ?? letter));
      return root === undefined ? `${wrapped(top)}/${wrapped(bottom)}` : `√${wrapped(root)}`;
    });
    if (before === text) text = text.replaceAll(GROUP, "$1");
  }
  if (/[\\{}^_&]/.test(text) || text.trim() === "") return null;
  return text
    .replaceAll(/[\ue000-\ue003]/g, (sign) => SPECIAL.charAt(sign.charCodeAt(0) - FIRST_SIGN))
    .replaceAll("'", "′")
    .replaceAll(/\s+/g, " ")
    .trim();
}

const masked = (text: string): string =>
  text.replaceAll(/[{}^_]/g, (sign) => String.fromCharCode(FIRST_SIGN + SPECIAL.indexOf(sign)));

/** In brackets, where `/` or a root would not reach all of it. */
function wrapped(argument: string): string {
  const text = argument.trim();
  return /^√?[\p{L}\p{N}\p{M}.′]*$/u.test(text) ? text : `(${text})`;
}
