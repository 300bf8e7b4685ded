import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { FEATURES } from "../../src/sessions/features.ts";
import { featuresFor, featuresText } from "../../tools/routes/features.ts";
import { loadRoutes, loadText } from "../../tools/routes/load.ts";
import { fixture, temporary } from "./run.ts";

const ECHO = "model: { default: m, provider: echo";

function compiledOf(text: string) {
  const { compiled, findings } = loadText(text, "routes.yaml");
  if (compiled === null) throw new Error(JSON.stringify(findings));
  return compiled;
}

test.each([
  [["compressing"], `${ECHO} }\ncompression: { at: 0.5 }`],
  [["compressing"], `${ECHO}, context: 8000 }`],
  [["compressing"], `${ECHO} }\nmodels: { big: { model: b, context: 8000 } }`],
  [["tasks", "kept"], `${ECHO} }\nowners: { telegram: ["42"] }`],
  [
    ["tasks", "compressing", "kept"],
    'model: { default: m, base_url: "https://a.example/v1", api_key: k }\nowners: { hub: [], telegram: ["42"] }',
  ],
  [["resetting"], `${ECHO} }\nsessions: { reset: idle }`],
  [[], `${ECHO} }\nsessions: { reset: none, busy: queue }`],
])("%j", (needed, text) => {
  expect(featuresFor(compiledOf(text))).toEqual(needed);
});

test("the shipped file needs none", () => {
  const { compiled } = loadRoutes(fixture("shipped.yaml"));
  expect(compiled && featuresFor(compiled)).toEqual([]);
});

test("a Worker has the features that its routes need, and no others", async () => {
  const listed = async (text: string) => {
    const file = temporary(featuresText(compiledOf(text)), "features.mjs");
    const module: { FEATURES: readonly unknown[] } = await import(pathToFileURL(file).href);
    return module.FEATURES;
  };
  expect(
    await listed(`${ECHO} }\ncompression: {}\nsessions: { reset: both }\nowners: { telegram: ["42"] }`),
  ).toEqual(FEATURES);
  expect(await listed(`${ECHO} }`)).toEqual([]);
});
