import { describe, expect, test } from "vitest";
import { resolve, resolveUsable } from "../../src/routing/resolve.ts";
import type { Bundle, RoutingContext } from "../../src/routing/types.ts";
import { routes } from "./setup.ts";

const COMPILED = routes(`
model:
  default: hermes
  base_url: https://agent.example/v1
  api_key: \${K}
  conversation: endpoint
  extra_body: { tools: [{ type: files }], authorization: "\${FILES_KEY}" }
  headers: { x-team: blue, x-session: "{session}" }
  fallbacks: [{ model: spare }]
  routes:
    - { match: { platform: telegram, user_id: "7" }, model: small, extra_body: { plugins: [web] } }
    - { match: { platform: telegram, user_id: "8" }, headers: { x-user: "{user_id}" } }
    - { match: { platform: telegram, user_id: "9" }, conversation: endpoint, fallbacks: [{ model: mine }, { model: own, conversation: endpoint }] }
    - { match: { platform: telegram, user_id: "10" }, model: big, split: { agent: 1 } }
    - { match: { platform: discord }, model: small }
models:
  agent: { model: agent, base_url: "https://agent.example/v1", conversation: endpoint, extra_body: { a: 1 } }
`);
const ENV = { K: "k", FILES_KEY: "f" };

const found = (context: RoutingContext | null, override: { model: string } | null = null, session = "s") =>
  resolve(COMPILED, context, override, session);
const kept = ({ conversation, extra_body, headers }: Bundle) => ({ conversation, extra_body, headers });
const stranger = (user_id: string) => ({ platform: "telegram", source_kind: "stranger", user_id });

const BASE = {
  conversation: "endpoint",
  extra_body: { tools: [{ type: "files" }], authorization: "${FILES_KEY}" },
  headers: { "x-team": "blue", "x-session": "{session}" },
};
const BARE = { conversation: undefined, extra_body: undefined, headers: { "x-team": "blue" } };

describe("what the model block says of an agent's endpoint", () => {
  test("holds for owners, for jobs and for the gateway's own operations", () => {
    for (const context of [null, { platform: "discord", source_kind: "owner" }, { source_kind: "cron" }]) {
      expect(kept(found(context).bundle)).toEqual(BASE);
      expect(kept(found(context).fallbacks[0] ?? found(null).bundle)).toEqual(BASE);
    }
  });

  test.each(["stranger", "hub_peer", undefined])("is not inherited by: %s", (source_kind) => {
    for (const platform of ["hub", "discord"]) {
      const { bundle, fields, fallbacks } = found({ platform, source_kind });
      expect(kept(bundle)).toEqual(BARE);
      expect(fields).not.toHaveProperty("extra_body");
      expect(fallbacks.map(kept)).toEqual([BARE]);
    }
  });

  test("does not come back where a secret of it, or of a route, is missing", () => {
    const { bundle } = resolveUsable(COMPILED, { platform: "hub", source_kind: "hub_peer" }, null, {
      K: "k",
    });
    expect(kept(bundle)).toEqual(BARE);
    const owner = resolveUsable(COMPILED, { platform: "hub", source_kind: "owner" }, null, { K: "k" });
    expect(kept(owner.bundle)).toEqual(BASE);
  });
});

describe("a stranger's own route", () => {
  test("gives what it says itself, and nothing of base's beside it", () => {
    expect(kept(found(stranger("7")).bundle)).toEqual({ ...BARE, extra_body: { plugins: ["web"] } });
    expect(kept(found(stranger("8")).bundle)).toEqual({
      ...BARE,
      headers: { "x-team": "blue", "x-user": "{user_id}" },
    });
    expect(kept(found(stranger("9")).bundle)).toEqual({ ...BARE, conversation: "endpoint" });
  });

  test("its fallbacks as well", () => {
    expect(found(stranger("9")).fallbacks.map(kept)).toEqual([BARE, { ...BARE, conversation: "endpoint" }]);
  });

  test("may name an agent of models as a side of its split", () => {
    expect(kept(found(stranger("10")).bundle)).toMatchObject({
      conversation: "endpoint",
      extra_body: { a: 1 },
    });
  });

  test("a /model choice brings it nothing of the kind, unlike an owner's", () => {
    const agent = { model: "agent" };
    expect(kept(found(stranger("1"), agent).bundle)).toEqual(BARE);
    expect(kept(found({ platform: "telegram", source_kind: "owner" }, agent).bundle)).toMatchObject({
      conversation: "endpoint",
      extra_body: { a: 1 },
    });
    expect(found(stranger("1"), agent).bundle.model).toBe("agent");
  });
});

test("neither follows to another endpoint, and a provider without one has neither", () => {
  const elsewhere = routes(`
model:
  default: hermes
  base_url: https://agent.example/v1
  conversation: endpoint
  extra_body: { a: 1 }
  routes:
    - { match: { platform: telegram }, base_url: "https://x.example/v1", api_key: "\${X}" }
    - { match: { platform: discord }, provider: echo }
    - { match: { platform: hub }, conversation: gateway, extra_body: { b: 2 } }
`);
  const of = (platform: string) => resolve(elsewhere, { platform, source_kind: "owner" }, null).bundle;
  for (const platform of ["telegram", "discord"]) {
    expect(of(platform)).not.toHaveProperty("conversation");
    expect(of(platform)).not.toHaveProperty("extra_body");
  }
  expect(of("hub")).toMatchObject({ conversation: "gateway", extra_body: { a: 1, b: 2 } });
  expect(resolveUsable(elsewhere, null, null, ENV).bundle.conversation).toBe("endpoint");
});
