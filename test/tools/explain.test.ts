import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { fixture, run, temporary } from "./run.ts";

const contract = ["--config", fixture("contract.yaml")];
const explain = (...args: string[]) => run("explain", [...contract, ...args]);

describe("--json", () => {
  test("is one line: the bundle, its route, and which layer set each field", () => {
    const { code, out } = explain("--json", "platform=telegram", "source_kind=owner", "user_id=42");
    expect(code).toBe(0);
    expect(out).toBe(
      '{"model":"claude-opus-5","provider":"custom","base_url":"https://llm.example/v1","api_key":"${OWNER_KEY}","api_mode":"chat_completions","route":{"from":"routes","index":0,"line":10},"fields":{"model":"route","provider":"base","base_url":"base","api_key":"route","api_mode":"base"}}\n',
    );
  });

  test("an override, by short name", () => {
    const { out } = explain(
      "--json",
      "--override",
      '{"model":"fast"}',
      "platform=hub",
      "source_kind=hub_peer",
    );
    expect(JSON.parse(out)).toMatchObject({
      model: "claude-haiku-4-5",
      route: { from: "platforms", index: 0, line: 7 },
      fields: { model: "override", api_key: "base" },
    });
  });

  test("an override in words that need no quotes", () => {
    const ask = (override: string) => explain("--json", "--override", override, "platform=hub");
    expect(JSON.parse(ask("model=fast,provider=custom").out)).toMatchObject({
      model: "claude-haiku-4-5",
      fields: { model: "override" },
    });
    expect(ask("modle=fast").err).toContain('unknown key "modle" of the override; did you mean "model"?');
  });

  test("--routes names the file, as for npm start and deploy", () => {
    const { out } = run("explain", ["--routes", fixture("contract.yaml"), "--json", "platform=telegram"]);
    expect(JSON.parse(out)).toMatchObject({ model: "claude-sonnet-4-6" });
  });

  test("no context is an internal operation", () => {
    expect(JSON.parse(explain("--json").out)).toMatchObject({ model: "claude-sonnet-4-6", route: null });
  });

  test("a literal key is never printed", () => {
    const file = temporary(
      'model: { default: m, base_url: "https://b.example/v1", api_key: sk-hunter2, routes: [{ match: { platform: hub }, api_key: "x${A}" }] }',
    );
    for (const words of [[], ["platform=hub"]]) {
      for (const form of [["--json"], []]) {
        const { code, out, err } = run("explain", ["--config", file, ...form, ...words]);
        expect(code).toBe(0);
        expect(out).toContain("(literal)");
        expect(out + err).not.toContain("hunter2");
      }
    }
  });
});

describe("in words", () => {
  test("which route, which layer, and why the earlier routes did not match", () => {
    const { out } = explain("platform=discord", "source_kind=stranger", "chat_id=5");
    expect(out.split("\n")).toEqual([
      "context  platform=discord source_kind=stranger chat_id=5",
      "access   ignores it (strangers: ignore): nothing is asked",
      `route    routes[1], ${fixture("contract.yaml")}:13, matches {"platform":["telegram","discord"],"source_kind":["stranger"]}`,
      "",
      "model    claude-haiku-4-5  ← route",
      "provider custom  ← base",
      "base_url https://llm.example/v1  ← base",
      "api_key  ${INFERENCE_KEY}  ← base",
      "api_mode chat_completions  ← base",
      "",
      "Earlier routes that do not match:",
      '  routes[0] (line 10): source_kind is "stranger", not "owner"',
      "",
    ]);
  });

  test("the fallbacks, in the order in which they are asked", () => {
    const file = temporary(
      `model:
  default: m
  provider: echo
  fallbacks: [{ model: f, provider: openai, api_key: "\${FALLBACK_KEY}" }, { model: g, provider: anthropic, api_key: secret }]
`,
      "routes.yaml",
    );
    const lines = run("explain", ["--config", file, "platform=hub"]).out.split("\n");
    expect(lines.filter((line) => line.startsWith("fallback"))).toEqual([
      "fallback f, openai, https://api.openai.com/v1, key ${FALLBACK_KEY}",
      "fallback g, anthropic, https://api.anthropic.com/v1, key (literal)",
    ]);
  });

  test("no route at all", () => {
    const { out } = explain("platform=telegram");
    expect(out).toContain("none matches: the model block decides");
    expect(out).toContain("  routes[0] (line 10): source_kind is not given\n");
    expect(out).toContain('  platforms.hub (line 7): platform is "telegram", not "hub"\n');
  });

  test("thousands of routes are counted, not listed", () => {
    const routes = Array.from({ length: 3000 }, (_, user) => ({
      match: { user_id: `u${user}` },
      model: "m",
    }));
    const file = temporary(stringify({ model: { default: "m", provider: "echo", routes } }));
    const { out } = run("explain", ["--config", file, "user_id=x"]);
    expect(out.split("\n").length).toBeLessThan(30);
    expect(out).toContain("… and 2,988 more, because of user_id");
  });
});

describe("who is asked about", () => {
  test("owners decides the kind of a user; strangers whom access ignores are told", () => {
    expect(explain("platform=telegram", "user_id=42").out).toContain(
      "context  platform=telegram source_kind=owner user_id=42\nroute    routes[0]",
    );
    expect(explain("platform=telegram", "user_id=55").out).toContain(
      "context  platform=telegram source_kind=stranger user_id=55\naccess   ignores it (strangers: ignore): nothing is asked\n",
    );
    expect(explain("platform=hub", "user_id=argus", "verified=false").out).toContain(
      "access   ignores it (its sender is not registered at Hub)",
    );
    expect(explain("--json", "platform=telegram", "user_id=42").out).toContain('"model":"claude-opus-5"');
  });

  test("a platform with one source kind decides it", () => {
    const first = (platform: string) => explain(`platform=${platform}`).out.split("\n")[0];
    expect(first("cron")).toBe("context  platform=cron source_kind=cron");
    expect(first("hub")).toBe("context  platform=hub source_kind=hub_peer");
    expect(first("cli")).toBe("context  platform=cli source_kind=owner");
    expect(first("discord")).toBe("context  platform=discord");
  });

  test.each([
    [["platform=telegrm"], 'no message has platform "telegrm"; did you mean "telegram"?'],
    [["source_kind=boss"], 'no message has source_kind "boss"; one of owner, hub_peer, stranger, cron'],
    [["platform=hub", "source_kind=owner"], "no owner ever writes on hub: only hub_peer"],
    [["platform=telegram", "user_id=@ann"], '"@ann" is nobody: telegram identifies people by number'],
    [["user_id=1", "user_id=2"], "user_id is given twice: a message has one"],
  ])("%j cannot be", (words, line) => {
    const { code, err } = explain(...words);
    expect(code).toBe(2);
    expect(err.split("\n")[0]).toBe(line);
  });

  test("an id that JSON has rounded is refused", () => {
    const input = '{"context":{"platform":"discord","user_id":1417636184355766305}}\n';
    const { out } = run("explain", [...contract, "--stdin"], { input });
    expect(JSON.parse(out).error).toBe(
      "user_id is a number beyond 2^53, which JSON rounds to another one: write it in quotes",
    );
  });

  test("--help, and colour where a terminal asks for it", () => {
    expect(explain("--help")).toMatchObject({ code: 0, out: expect.stringMatching(/^usage: /), err: "" });
    expect(run("check", ["--help"])).toMatchObject({ code: 0, out: expect.stringMatching(/^usage: /) });
    const { out } = run("explain", [...contract, "platform=hub"], { env: { FORCE_COLOR: "1" } });
    expect(out).toContain("\u001b[");
  });
});

describe("a split route", () => {
  const file = temporary(`model:
  default: m
  base_url: https://b.example/v1
  api_key: \${K}
  images: false
  routes:
    - match: { platform: hub, modality: text }
      split: { fast: 90, strong: 10 }
models: { fast: small, strong: { model: big, base_url: https://s.example/v1, api_key: "\${S}" } }
`);
  const ask = (...args: string[]) => run("explain", ["--config", file, ...args]).out;
  const hub = ["platform=hub", "modality=text"];

  test("takes the session's side, in the shape of docs/contract.md", () => {
    const sides = ["s1", "s10"].map((session) => ask("--json", "--session", session, ...hub));
    expect(sides.map((line) => JSON.parse(line).model).sort()).toEqual(["big", "small"]);
    expect(sides.find((line) => line.includes("big"))).toBe(
      '{"model":"big","provider":"custom","base_url":"https://s.example/v1","api_key":"${S}","api_mode":"chat_completions","route":{"from":"routes","index":0,"line":7},"fields":{"model":"route","provider":"base","base_url":"route","api_key":"route","api_mode":"base"}}\n',
    );
  });

  test("says which side in words, and where the session was not given, that it decides", () => {
    expect(ask("--session", "s1", ...hub).split("\n")).toContain("split: fast 90, strong 10 → fast");
    expect(ask("--session", "s10", ...hub).split("\n")).toContain("split: fast 90, strong 10 → strong");
    const without = ask(...hub).split("\n");
    expect(without).toContain("split: fast 90, strong 10 (--session KEY decides the side)");
    expect(without).toContain("model    m  ← base");
    expect(without).toContain("images   false  ← base");
  });

  test("an override beats it", () => {
    const told = ask("--session", "s1", "--override", '{"model":"other"}', ...hub);
    expect(told).toContain("model    other  ← override");
  });

  test("another modality does not take it", () => {
    expect(ask("platform=hub", "modality=image")).toContain(
      '  routes[0] (line 7): modality is "image", not "text"',
    );
  });

  test("lines on standard input are all of that session", () => {
    const input = '{"context":{"platform":"hub","modality":"text"}}\n{"context":null}\n';
    for (const session of ["s1", "s10"]) {
      const { out } = run("explain", ["--config", file, "--stdin", "--session", session], { input });
      const models = out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).model);
      expect(models).toEqual([JSON.parse(ask("--json", "--session", session, ...hub)).model, "m"]);
    }
  });
});

describe("--stdin", () => {
  test("answers line by line, also the shared routing cases", () => {
    const suite: {
      cases: { model: unknown; context: unknown; override: unknown; expect: { model: string } }[];
    } = JSON.parse(readFileSync(join(import.meta.dirname, "../conformance/routing.json"), "utf8"));
    const [one] = suite.cases.filter(({ model }) => JSON.stringify(model).includes('"routes"'));
    const same = suite.cases.filter(({ model }) => JSON.stringify(model) === JSON.stringify(one?.model));
    expect(same.length).toBeGreaterThan(0);
    const file = temporary(stringify({ model: one?.model }));
    const input = same.map(({ context, override }) => JSON.stringify({ context, override })).join("\n");
    const lines = run("explain", ["--config", file, "--stdin"], { input }).out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(same.map(({ expect: wanted }) => wanted));
  });

  test("a line that cannot be read is an error of that line alone", () => {
    const input = [
      '{"context":null}',
      "not json",
      "[]",
      '{"context":{"platfrom":"hub"}}',
      '{"context":{"platform":{"a":1}}}',
      '{"contxt":{}}',
      '{"context":{},"override":{"provider":"opnai"}}',
      '{"context":{},"override":{"modl":"x"}}',
      "",
      '{"context":{"platform":"hub","user_id":7,"chat_id":null},"override":{"model":"strong","set_by":"x"}}',
    ].join("\n");
    const { code, out } = run("explain", [...contract, "--stdin"], { input });
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.error ?? line.model)).toEqual([
      "claude-sonnet-4-6",
      "this is not JSON",
      'the line is not right: a line is {"context":{…}|null,"override":{…}|null} with plain values',
      'unknown context key "platfrom"; did you mean "platform"?',
      'context.platform is not right: a line is {"context":{…}|null,"override":{…}|null} with plain values',
      'unknown key "contxt"; did you mean "context"?',
      'unknown provider "opnai"; did you mean "openai"?',
      'unknown key "modl" of the override; did you mean "model"?',
      "claude-opus-5",
    ]);
  });
});

describe("what cannot be asked", () => {
  test("nothing: the usage", () => {
    const { code, out, err } = run("explain", [], { env: { ROUTES_FILE: fixture("contract.yaml") } });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^say what a message has: .*\nusage: npm run explain/);
  });

  test.each([
    [["chat_tpye=dm"], 'unknown context key "chat_tpye"; did you mean "chat_type"?'],
    [["telegram"], '"telegram" is not KEY=VALUE'],
    [["--override", "{"], "--override: this is not JSON"],
    [["--override", '{"model":"x","provider":"opnai"}'], 'unknown provider "opnai"; did you mean "openai"?'],
    [["--jsn"], "Unknown option '--jsn'"],
    [["--stdin", "platform=hub"], "--stdin takes context and override from each line"],
  ])("%j", (args, message) => {
    const { code, out, err } = explain(...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(message);
    expect(err).toContain("usage: npm run explain");
  });

  test("a file with errors: its findings, exit 1", () => {
    const file = temporary("model: { defualt: x }\n");
    const { code, out, err } = run("explain", ["platform=hub"], { env: { ROUTES_FILE: file } });
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain(`${file}:1:10 error unknown key "defualt"`);
  });
});
