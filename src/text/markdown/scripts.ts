/** Where Unicode has its small letters and digits; it says itself what each stands for. */
const RANGES = [
  ["^", 0xb2, 0xb3],
  ["^", 0xb9, 0xb9],
  ["^", 0x2b0, 0x2e3],
  ["^", 0x1d2c, 0x1d61],
  ["_", 0x1d62, 0x1d65],
  ["^", 0x2070, 0x207f],
  ["_", 0x2080, 0x209c],
] as const;

const FORMS = new Map<string, string>();
for (const [sign, first, last] of RANGES) {
  for (let code = first; code <= last; code++) {
    const form = String.fromCharCode(code);
    FORMS.set(sign + form.normalize("NFKC").replace("−", "-"), form);
  }
}

/** Text raised (`^`) or lowered (`_`) in Unicode's small letters; where one is missing, `^x` or `^(…)`. */
export function script(sign: string, text: string): string {
  const small = Array.from(text.replaceAll(" ", ""), (letter) => FORMS.get(sign + letter));
  if (small.every((letter) => letter !== undefined)) return small.join("");
  return small.length === 1 ? sign + text : `${sign}(${text})`;
}
