import { describe, expect, test } from "vitest";
import { resolve } from "../../src/routing/resolve.ts";
import { shareOf } from "../../src/routing/split.ts";
import type { Override } from "../../src/routing/types.ts";
import { routes } from "./setup.ts";

const compiled = routes(`
model:
  default: base-model
  base_url: https://base.example/v1
  api_key: \${BASE_KEY}
  routes:
    - match: { platform: telegram }
      model: tg-model
      base_url: https://tg.example/v1
      api_key: \${TG_KEY}
      temperature: 0.5
      split: { small: 70, strong: 20, plain-id: 10 }
    - match: { platform: discord }
      split: { default: 1, strong: 0 }
  platforms: { hub: { split: { small: 1 } } }
  by_source: { cron: { split: { strong: 1 } } }
models:
  small: small-model
  strong: { model: big-model, base_url: https://strong.example/v1, api_key: "\${STRONG_KEY}" }
`);
const sessions = Array.from({ length: 10_000 }, (_, user) => `agent:main:telegram:dm:${user}`);
const ask = (platform: string, session: string | null, override: Override | null = null) =>
  resolve(compiled, { platform }, override, session);

/** A session that falls to this side of telegram's split. */
function sessionOn(model: string): string {
  const found = sessions.find((session) => ask("telegram", session).bundle.model === model);
  if (found === undefined) throw new Error(`no session on ${model}`);
  return found;
}

describe("a split route", () => {
  test("shares out sessions by weight", () => {
    const counts = new Map<string, number>();
    for (const session of sessions) {
      const { model } = ask("telegram", session).bundle;
      counts.set(model, (counts.get(model) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["big-model", "plain-id", "small-model"]);
    for (const [model, share] of [
      ["small-model", 7000],
      ["big-model", 2000],
      ["plain-id", 1000],
    ] as const) {
      expect(Math.abs((counts.get(model) ?? 0) - share), model).toBeLessThan(150);
    }
  });

  test("keeps a session on its side, also after the routes were compiled anew", () => {
    const again: typeof compiled = JSON.parse(JSON.stringify(compiled));
    for (const session of sessions.slice(0, 200)) {
      const first = ask("telegram", session).bundle;
      expect(ask("telegram", session).bundle).toEqual(first);
      expect(resolve(again, { platform: "telegram" }, null, session).bundle).toEqual(first);
    }
  });

  test("a side that is a bundle brings its endpoint and key whole, nothing of the route's stays", () => {
    const { bundle, fields, route } = ask("telegram", sessionOn("big-model"));
    expect(bundle).toEqual({
      model: "big-model",
      provider: "custom",
      base_url: "https://strong.example/v1",
      api_key: "${STRONG_KEY}",
      api_mode: "chat_completions",
    });
    expect(fields).toMatchObject({ model: "route", base_url: "route", api_key: "route" });
    expect(route).toMatchObject({ from: "routes", index: 0 });
  });

  test.each(["small-model", "plain-id"])("a side that is only a model, %s, stays at the route's", (model) => {
    expect(ask("telegram", sessionOn(model)).bundle).toEqual({
      model,
      provider: "custom",
      base_url: "https://tg.example/v1",
      api_key: "${TG_KEY}",
      api_mode: "chat_completions",
      params: { temperature: 0.5 },
    });
  });

  test("an override beats it", () => {
    const session = sessionOn("big-model");
    expect(ask("telegram", session, { model: "small" })).toMatchObject({
      bundle: { model: "small-model" },
      fields: { model: "override" },
    });
    expect(ask("telegram", sessionOn("small-model"), { model: "strong" }).bundle).toMatchObject({
      model: "big-model",
      api_key: "${STRONG_KEY}",
    });
  });

  test("without a session: the route's own model, or base's", () => {
    expect(ask("telegram", null).bundle).toMatchObject({ model: "tg-model", api_key: "${TG_KEY}" });
    expect(ask("discord", null).bundle).toMatchObject({ model: "base-model", api_key: "${BASE_KEY}" });
  });

  test("a side of weight 0 gets nobody, and any name may be a side", () => {
    for (const session of sessions.slice(0, 500)) {
      expect(ask("discord", session).bundle.model).toBe("default");
    }
  });

  test("shorthands split too", () => {
    expect(ask("hub", "agent:main:hub:dm:hub:bob").bundle.model).toBe("small-model");
    expect(resolve(compiled, { source_kind: "cron" }, null, "agent:main:cron:dm").bundle).toMatchObject({
      model: "big-model",
      base_url: "https://strong.example/v1",
    });
  });
});

test("the largest weights are still shared out as written", () => {
  const split = [
    { name: "a", weight: 1_000_000 },
    { name: "b", weight: 1_000_000 },
  ];
  const a = sessions.filter((session) => shareOf(split, session) === "a").length;
  expect(Math.abs(a - 5000)).toBeLessThan(200);
});
