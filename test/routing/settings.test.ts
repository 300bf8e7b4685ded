import { expect, test } from "vitest";
import { resolve } from "../../src/routing/resolve.ts";
import { withSettings } from "../../src/routing/settings.ts";
import { loadText } from "../../tools/routes/load.ts";

const { compiled, findings } = loadText(
  `
model:
  default: m
  provider: custom
  base_url: https://llm.example/v1
  reasoning_effort: low
  temperature: 0.5
  fallbacks: [{ model: n, provider: openai, api_key: "\${OTHER}" }]
personalities: { terse: Answer in one sentence. }
system_prompt: You are a butler.
`,
  "routes.yaml",
);
if (!compiled) throw new Error(JSON.stringify(findings));
const routes = compiled;
const resolved = resolve(routes, { platform: "telegram" }, null);

test("a level of reasoning goes along with every bundle that is asked, and leaves the rest as it is", () => {
  const { bundle, fallbacks, fields } = withSettings(resolved, { reasoning: "high" }, routes);
  expect(bundle).toEqual({ ...resolved.bundle, params: { reasoning_effort: "high", temperature: 0.5 } });
  expect(fallbacks.map(({ model, params }) => ({ model, effort: params?.reasoning_effort }))).toEqual([
    { model: "n", effort: "high" },
  ]);
  expect(fields).toEqual({ ...resolved.fields, params: "override" });
});

test("a personality stands behind the system prompt, or alone where there is none", () => {
  const chosen = { personality: "terse" };
  expect(withSettings(resolved, chosen, routes).system_prompt).toBe(
    "You are a butler.\n\nAnswer in one sentence.",
  );
  expect(withSettings({ ...resolved, system_prompt: null }, chosen, routes).system_prompt).toBe(
    "Answer in one sentence.",
  );
});

test("what nobody chose, or routes.yaml does not have, changes nothing", () => {
  for (const settings of [{}, { personality: "gone" }, { personality: "constructor" }]) {
    expect(withSettings(resolved, settings, routes)).toEqual(resolved);
  }
});

test("a personality needs a name of one word and a text", () => {
  const check = (yaml: string) =>
    loadText(`model: { default: m, provider: echo }\npersonalities: ${yaml}`, "f").findings.map(
      ({ message }) => message,
    );
  expect(check("{ terse: Be brief. }")).toEqual([]);
  for (const yaml of ["{ none: x }", "{ 'two words': x }", "{ terse: '' }", "{ terse: [a] }"]) {
    expect(check(yaml), yaml).toHaveLength(1);
  }
});
