import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { loadText } from "../../tools/routes/load.ts";
import { change, changed, damage, damaged } from "../support/mutate.ts";

/** Files tried: a few in every run, 100,000 with `MUTATIONS=100000`. */
const RUNS = Number(process.env.MUTATIONS ?? 200);

const SAMPLES = ["contract.yaml", "hermes.yaml", "shipped.yaml"].map((name) =>
  readFileSync(join(import.meta.dirname, "fixtures", name), "utf8"),
);

/** Routes files with other values, keys and bytes in them. */
const files = fc
  .record({
    sample: fc.constantFrom(...SAMPLES),
    changes: fc.array(change, { maxLength: 3 }),
    damages: fc.array(damage, { maxLength: 3 }),
    rewritten: fc.boolean(),
  })
  .map(({ sample, changes, damages, rewritten }) => {
    const text = rewritten ? stringify(changed(parseDocument(sample).toJS(), changes)) : sample;
    return new TextDecoder().decode(damaged(new TextEncoder().encode(text), rewritten ? [] : damages));
  });

test("a routes file, however broken, is compiled or found fault with at a place in it", {
  timeout: 60_000 + 20 * RUNS,
}, () => {
  const property = fc.property(files, (text) => {
    const { compiled, findings } = loadText(text, "routes.yaml");
    expect(compiled !== null || findings.some(({ level }) => level === "error")).toBe(true);
    const lines = text.split(/\r\n|\r|\n/).length;
    for (const { line, col, message } of findings) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
      expect(col).toBeGreaterThanOrEqual(1);
      expect(message).not.toBe("");
    }
  });
  void fc.assert(property, { numRuns: RUNS });
});
