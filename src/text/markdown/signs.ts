/**
 * A table of names, each followed by its value, all apart by whitespace. A tagged template, because what a bundler
 * writes of one is as short as the source: in a string, it spells each sign beyond ASCII with six characters.
 */
export function pairs({ raw }: TemplateStringsArray): ReadonlyMap<string, string> {
  return new Map(
    Array.from(raw.join("").matchAll(/(\S+)\s+(\S+)/g), ([, name = "", value = ""]) => [name, value]),
  );
}

/** Signs by the names that TeX or HTML give them. */
const SIGNS = pairs`
  times × cdot · pm ± le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡ in ∈ subset ⊂ cup ∪ cap ∩ forall ∀ exists ∃
  to → rightarrow → Rightarrow ⇒ infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ ldots … dots …
  amp & lt < gt > quot " apos '`;
/** In the order of Unicode. */
const GREEK =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi - pi rho - sigma tau upsilon phi chi psi omega".split(
    " ",
  );

/** The sign of this name; `pi` is π, and `Pi` is Π. */
export function signOf(name: string): string | undefined {
  const small = name.toLowerCase();
  const letter = GREEK.indexOf(small);
  if (letter >= 0) return String.fromCharCode((name === small ? 0x3b1 : 0x391) + letter);
  return name === "nbsp" ? "\u00a0" : SIGNS.get(name);
}
