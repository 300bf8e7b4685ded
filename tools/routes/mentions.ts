import type { Bundle } from "../../src/routing/types.ts";
import { nearest } from "../../src/text/nearest.ts";
import { type DraftRoute, modelBlock } from "./draft.ts";
import type { Report } from "./endpoint.ts";
import { fieldsOf, some } from "./fields.ts";
import { hint, quote } from "./issues.ts";
import type { RoutesFile } from "./schema.ts";

/** Sides of a split that are neither a short name nor a model of the file, but look like a mistyped short name. */
export function checkSplits(
  file: RoutesFile,
  base: Bundle,
  routes: readonly DraftRoute[],
  report: Report,
): void {
  const short = shortNames(file);
  const priced = Object.keys(file.prices ?? {});
  const known = new Set([...short.keys(), ...modelIds(file, base, routes), ...priced]);
  for (const { path, split = [] } of routes) {
    for (const { name } of split) {
      const close = known.has(name) ? null : nearest(name, short.keys());
      if (close === null) continue;
      report(
        "warning",
        [...path, "split", name],
        `${quote(name)} is no short name of models, so it is taken as a model id${hint(close)}`,
        "key",
      );
    }
  }
}

/** Prices of models that nothing in the file asks for. */
export function checkPrices(
  file: RoutesFile,
  base: Bundle,
  routes: readonly DraftRoute[],
  report: Report,
): void {
  const prices = Object.keys(file.prices ?? {});
  if (prices.length === 0) return;
  const short = shortNames(file);
  const sides = routes.flatMap(({ split = [] }) => split.map(({ name }) => name));
  const known = modelIds(file, base, routes);
  for (const name of sides) if (!short.has(name)) known.add(name);
  for (const model of prices) {
    if (known.has(model)) continue;
    const close = short.get(model) ?? nearest(model, known);
    report(
      "warning",
      ["prices", model],
      `no model of this file is called ${quote(model)}${hint(close)}`,
      "key",
    );
  }
}

/** The short names of `models`, and the model that each means. */
function shortNames(file: RoutesFile): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(file.models ?? {}).map(([name, entry]) => [
      name,
      String(typeof entry === "object" ? entry.model : entry),
    ]),
  );
}

/** Every model id that the file names, except as a side of a split or beside a price. */
function modelIds(file: RoutesFile, base: Bundle, routes: readonly DraftRoute[]): Set<string> {
  const spare = some(modelBlock(file).fallbacks) ?? [];
  const bundles = [
    ...spare.map(fieldsOf),
    ...routes.flatMap(({ set, fallbacks = [] }) => [set, ...fallbacks]),
  ];
  return new Set([
    base.model,
    ...bundles.flatMap(({ model }) => (model === undefined ? [] : [model])),
    ...shortNames(file).values(),
  ]);
}
