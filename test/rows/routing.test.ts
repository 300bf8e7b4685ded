import { describe, expect, test } from "vitest";
import { BUNDLE_FIELD, LOCAL_PROVIDER, MATCH_KEY, PROVIDER } from "./additions.ts";
import { grown, message, toolsOf } from "./setup.ts";

// What varies is a row, what is added is a file: nothing else of the sources is touched.
const copy = grown(PROVIDER, LOCAL_PROVIDER, MATCH_KEY, BUNDLE_FIELD);
const { check, compile } = await toolsOf(copy);
const { routeMessage } = await copy.load<typeof import("../../src/routing/route.ts")>("src/routing/route.ts");

describe("a provider", () => {
  const ROUTES = `
model:
  default: m
  provider: arcee
  api_key: \${K}
  max_tokens: 5
  routes: [{ match: { platform: telegram }, provider: parrot }]
`;

  test("is checked, brings its address, and one that calls none needs none", () => {
    const routes = compile(ROUTES);
    expect(routes.base).toMatchObject({ provider: "arcee", base_url: "https://api.arcee.example/v1" });
    expect(routeMessage(message({}), null, routes, {}).bundle).toMatchObject({
      provider: "parrot",
      base_url: null,
      api_key: null,
    });
    expect(check("model: { default: m, provider: arce, base_url: http://127.0.0.1/v1 }")).toEqual([
      'unknown provider "arce"; did you mean "arcee"?',
    ]);
  });

  test("is offered to editors, for what it is", async () => {
    const { jsonSchema } =
      await copy.load<typeof import("../../tools/routes/schema.ts")>("tools/routes/schema.ts");
    expect(jsonSchema()).toContain(
      "Who answers. arcee, openai, anthropic and openrouter bring their base_url",
    );
    expect(jsonSchema()).toContain("yes, except by arcee, workers-ai and echo");
    expect(jsonSchema().split('"arcee"')).toHaveLength(2);
  });

  test("may be chosen by an override", () => {
    const { bundle } = routeMessage(message({}), { model: "x", provider: "arcee" }, compile(ROUTES), {
      K: "k",
    });
    expect(bundle).toMatchObject({ model: "x", provider: "arcee", api_key: "${K}" });
  });

  test("knows parameters by its own names, takes pictures or not, and is answered by its own file", async () => {
    const { chatCompletions } = await copy.load<
      typeof import("../../src/inference/dialects/chat-completions.ts")
    >("src/inference/dialects/chat-completions.ts");
    const { takesImages } = await copy.load<typeof import("../../src/sessions/attachments.ts")>(
      "src/sessions/attachments.ts",
    );
    const { providerOf } = await copy.load<typeof import("../../src/inference/providers.ts")>(
      "src/inference/providers.ts",
    );
    const { parrot } = await copy.load<{ parrot: unknown }>("src/inference/parrot.ts");
    const routes = compile(ROUTES);
    const local = routeMessage(message({}), null, routes, {}).bundle;
    expect(chatCompletions.body(routes.base, [])).toMatchObject({ longest_answer: 5 });
    expect(chatCompletions.body(routes.base, [])).not.toHaveProperty("max_tokens");
    expect([takesImages(routes.base), takesImages(local)]).toEqual([false, true]);
    expect(providerOf(local)).toBe(parrot);
    expect(providerOf(routes.base)).not.toBe(parrot);
  });
});

describe("a match key", () => {
  const rule = (match: string) =>
    `model: { default: m, provider: echo, routes: [{ match: ${match}, model: n }] }`;

  test("is checked, and read from each message", async () => {
    const model = (match: string, user_name: string) =>
      routeMessage(message({ user_name }), null, compile(rule(match)), {}).bundle.model;
    expect(model("{ platform: telegram, nickname: Ann }", "Ann")).toBe("n");
    expect(model("{ platform: telegram, nickname: Ann }", "Bob")).toBe("m");
    expect(model("{ weekday: monday }", "Ann")).toBe("n");
    expect(check(rule("{ weekday: mnday }"))).toEqual(['unknown weekday "mnday"; did you mean "monday"?']);
    expect(check(rule("{ nickame: Ann }"))).toContain('unknown key "nickame"; did you mean "nickname"?');
  });

  test("may be asked about", async () => {
    const { parseContext } =
      await copy.load<typeof import("../../tools/routes/question.ts")>("tools/routes/question.ts");
    expect(parseContext(["nickname=Ann"])).toEqual({ ok: true, value: { nickname: "Ann" } });
  });
});

describe("a field of a bundle", () => {
  const ROUTES = `
model:
  default: m
  base_url: https://b.example/v1
  api_key: \${K}
  hushed: false
  memory: 7
  cookies: { a: "1" }
  routes:
    - { match: { platform: telegram }, cookies: { b: "2" }, hushed: true }
    - { match: { platform: discord }, model: other, base_url: "https://o.example/v1", api_key: "\${O}" }
`;

  test("is laid over the one below as its row says, and names its layer", async () => {
    const { resolve } =
      await copy.load<typeof import("../../src/routing/resolve.ts")>("src/routing/resolve.ts");
    const found = (platform: string | null) => {
      const { bundle, fields } = resolve(compile(ROUTES), platform === null ? null : { platform }, null);
      return { bundle, fields };
    };
    expect(found(null)).toMatchObject({
      bundle: { hushed: false, memory: 7, cookies: { a: "1" } },
      fields: { hushed: "base", memory: "base", cookies: "base" },
    });
    expect(found("telegram")).toMatchObject({
      bundle: { hushed: true, memory: 7, cookies: { a: "1", b: "2" } },
      fields: { hushed: "route", memory: "base", cookies: "route" },
    });
    const elsewhere = found("discord");
    expect(elsewhere).toMatchObject({ bundle: { hushed: false }, fields: { hushed: "base" } });
    for (const part of [elsewhere.bundle, elsewhere.fields]) {
      expect(part).not.toHaveProperty("memory");
      expect(part).not.toHaveProperty("cookies");
    }
  });

  test("is told about", async () => {
    const { story } = await copy.load<typeof import("../../tools/routes/story.ts")>("tools/routes/story.ts");
    const told = story(compile(ROUTES), [], { context: { platform: "telegram" }, override: null }, "f");
    expect(told).toContain("hushed   true  ← route\nmemory   7  ← base\ncookies  (set)  ← route");
  });
});
