import { formatFinding } from "../../tools/routes/findings.ts";
import { loadText } from "../../tools/routes/load.ts";

/** The findings of a file, as `npm run check` prints them, without the file's name. */
export function check(yaml: string): string[] {
  return loadText(yaml, "f").findings.map((finding) => formatFinding(finding).slice(2));
}

/** A model block that is in order, for what is not about it. */
export const MODEL = "model: { default: m, base_url: https://b.example/v1, api_key: ${K} }\n";

/** Routes below a model block that is in order; the first line is line 6 of the file. */
export const routes = (...lines: string[]): string =>
  [
    "model:",
    "  default: m",
    "  base_url: https://b.example/v1",
    "  api_key: ${K}",
    "  routes:",
    ...lines,
  ].join("\n");
