import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parts } from "../../src/parts.ts";
import type { Platform } from "../../src/platforms/platform.ts";
import { API_MODES, PROVIDER_NAMES } from "../../src/routing/providers.ts";
import { resolve } from "../../src/routing/resolve.ts";
import type { Bundle, BundleFields, CompiledRoutes } from "../../src/routing/types.ts";
import { asDemo } from "../../tools/routes/demo.ts";
import { loadRoutes, loadText } from "../../tools/routes/load.ts";
import { partsFor, partsText } from "../../tools/routes/parts.ts";
import { platformsText } from "../../tools/routes/platforms.ts";
import { routesWith } from "../support/setup.ts";
import { fixture, temporary } from "./run.ts";

function compiledOf(text: string): CompiledRoutes {
  const { compiled, findings } = loadText(text, "routes.yaml");
  if (compiled === null) throw new Error(JSON.stringify(findings));
  return compiled;
}

const ECHO = "model: { default: m, provider: echo";
const JOB = "{ name: a, schedule: every 1h, prompt: p, deliver: log";
/** What reads Hub's inbox: peers are answered where a file does not say otherwise. */
const HUB = ["readHub", "Peers"];

describe("what of a routes file needs which part of the Worker", () => {
  test.each([
    ["a model whose provider is anthropic", "model: { default: m, provider: anthropic, api_key: k }"],
    ["a fallback", `${ECHO}, fallbacks: [{ model: f, provider: anthropic, api_key: k }] }`],
    ["a route", `${ECHO}, routes: [{ match: { platform: hub }, provider: anthropic, api_key: k }] }`],
    [
      "a model that /model offers",
      `${ECHO} }\nmodels: { opus: { model: o, provider: anthropic, api_key: k } }`,
    ],
    [
      "an api mode",
      'model: { default: m, base_url: "https://llm.example", api_key: k, api_mode: anthropic_messages }',
    ],
  ])("%s needs Anthropic's dialect", (_, text) => {
    expect(partsFor(compiledOf(text))).toEqual(["anthropicMessages", ...HUB]);
  });

  test.each([
    [
      ["responses"],
      'model: { default: m, base_url: "https://llm.example", api_key: k, api_mode: codex_responses }',
    ],
    [["workersAi"], "model: { default: m, provider: workers-ai }"],
    [["Overheard"], `${ECHO} }\ngroups: { listen: true }`],
    [["memoryOf", "ownerNotes"], `${ECHO} }\nmemory: true`],
    [[], `${ECHO} }\nmemory: false`],
    [["hear"], `${ECHO} }\ntranscription: { provider: openai, api_key: k, model: whisper-1 }`],
    [["draft"], `${ECHO} }\ntelegram: { live: draft }`],
    [["rich"], `${ECHO} }\ntelegram: { rich: true }`],
    [["scheduler", "runs"], `${ECHO} }\ncron: {}`],
    [["scheduler", "runs"], `${ECHO} }\nowners: { telegram: ["42"] }`],
    [["scheduler", "runs"], `${ECHO} }\nhomes: { telegram: "42" }`],
    [["scheduler", "dueAfter", "runs"], `${ECHO} }\ncron: { jobs: [${JOB} }] }`],
    [
      ["anthropicMessages", "scheduler", "dueAfter", "runs"],
      `${ECHO} }\ncron: { jobs: [${JOB}, provider: anthropic, api_key: k }] }`,
    ],
    [["guest"], `${ECHO} }\naccess: { guests: answer }`],
    [[], `${ECHO} }\naccess: { guests: ignore }`],
    [[], `${ECHO} }\ntelegram: { live: edit, rich: false }`],
    [[], `${ECHO} }\ngroups: { listen: false }`],
    [[], "model: { default: m, provider: openai, api_key: k }"],
  ])("%j", (needed, text) => {
    expect(partsFor(compiledOf(text)).filter((part) => !HUB.includes(part))).toEqual(needed);
  });

  test("the shipped file needs none, and in the demo Hub's and the scheduler", () => {
    const { compiled } = loadRoutes(fixture("shipped.yaml"));
    expect(compiled && partsFor(compiled)).toEqual([]);
    expect(compiled && partsFor(asDemo(compiled))).toEqual(["readHub", "scheduler", "runs", "Peers"]);
  });
});

test("where no peer is answered there is no Hub", async () => {
  const namesOf = async (text: string) => {
    const module: { PLATFORMS: readonly Platform[] } = await import(
      pathToFileURL(temporary(platformsText(compiledOf(text)), "platforms.mjs")).href
    );
    return module.PLATFORMS.map(({ name }) => name);
  };
  const deaf = `${ECHO} }\naccess: { hub_peers: ignore }`;
  expect(partsFor(compiledOf(deaf))).toEqual([]);
  expect(await namesOf(deaf)).toEqual(["telegram", "discord", "cli"]);
  expect(await namesOf(`${ECHO} }`)).toEqual(["telegram", "discord", "hub", "cli"]);
  const writes = `${deaf}\ncron: { jobs: [{ name: a, schedule: every 1h, prompt: p, deliver: "hub:argus" }] }`;
  expect(partsFor(compiledOf(writes))).not.toContain("readHub");
  expect(await namesOf(writes)).toEqual(["telegram", "discord", "hub", "cli", "cron"]);
});

test("a Worker has the parts that its routes need, by their names, and null for the others", async () => {
  const everything = compiledOf(`
model: { default: m, provider: workers-ai, fallbacks: [{ model: f, provider: anthropic, api_key: k }] }
models: { gpt: { model: g, provider: openai, api_key: k, api_mode: responses } }
groups: { listen: true }
transcription: { provider: openai, api_key: k, model: whisper-1 }
telegram: { live: draft, rich: true }
access: { guests: answer }
memory: true
cron: { jobs: [${JOB} }] }
`);
  const all = await partsOf(everything);
  expect(Object.keys(all)).toEqual(Object.keys(parts));
  expect(Object.values(all).map((part) => typeof part)).toEqual(
    Object.values(parts).map((part) => typeof part),
  );
  const one = await partsOf(
    compiledOf("model: { default: m, provider: workers-ai }\naccess: { hub_peers: ignore }"),
  );
  const none = Object.fromEntries(Object.keys(parts).map((name) => [name, null]));
  expect(one).toEqual({ ...none, workersAi: { prepare: expect.any(Function) } });
});

/** What a Worker finds that is compiled with these routes. */
async function partsOf(routes: CompiledRoutes): Promise<object> {
  const module: { parts: object } = await import(
    pathToFileURL(temporary(partsText(routes), "parts.mjs")).href
  );
  return module.parts;
}

const maybe = <Value>(values: readonly Value[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const fieldsArbitrary: fc.Arbitrary<BundleFields> = fc.record({
  model: maybe(["m", "n"]),
  provider: maybe(PROVIDER_NAMES),
  base_url: maybe(["https://a.example/v1", "https://b.example/v1"]),
  api_mode: maybe(API_MODES),
});
const bundleArbitrary: fc.Arbitrary<Bundle> = fc.record({
  model: fc.constant("m"),
  provider: fc.constantFrom(...PROVIDER_NAMES),
  base_url: fc.constant("https://a.example/v1"),
  api_key: fc.constant(null),
  api_mode: fc.constantFrom(...API_MODES),
});

test("whatever route, split, fallback or choice of /model a message has, its Worker can ask it", () => {
  fc.assert(
    fc.property(
      bundleArbitrary,
      fieldsArbitrary,
      fc.dictionary(fc.constantFrom("fast", "strong"), fieldsArbitrary),
      fc.array(bundleArbitrary, { maxLength: 2 }),
      fc.option(fc.constantFrom("fast", "strong", "n"), { nil: null }),
      (base, set, models, fallbacks, chosen) => {
        const split = [{ name: "strong", weight: 1 }];
        const rules = [{ from: "by_source", index: 0, set, fallbacks, split } as const];
        const routes = { ...routesWith({ base, models, rules }), ...INDEX };
        const resolved = resolve(routes, OWNER, chosen === null ? null : { model: chosen }, "agent:main:x");
        for (const bundle of [resolved.bundle, ...resolved.fallbacks]) {
          expect(partsFor(routes)).toEqual(expect.arrayContaining(neededBy(bundle)));
        }
      },
    ),
  );
});

/** One route, for an owner. */
const OWNER = { source_kind: "owner" };
const { compiled: oneRoute } = loadText(`${ECHO}, by_source: { owner: { model: x } } }`, "routes.yaml");
const INDEX = { index: oneRoute?.index ?? [] };

function neededBy({ provider, api_mode }: Bundle): string[] {
  if (provider === "workers-ai") return ["workersAi"];
  if (provider === "echo") return [];
  if (api_mode === "anthropic_messages") return ["anthropicMessages"];
  return api_mode === "responses" ? ["responses"] : [];
}
