import { describe, expect, test } from "vitest";
import { webhook } from "../../../src/platforms/discord/webhook.ts";
import { modelAutocomplete } from "./fixtures.ts";
import { envWith, routesWith } from "./setup.ts";

describe("autocomplete of /model", () => {
  const models = { fast: { model: "claude-haiku-4-5" }, strong: { model: "claude-opus-5" } };
  const offered = async (payload: object, changes: Parameters<typeof routesWith>[0] = {}) => {
    const event = await webhook.parse(payload, envWith({}), routesWith({ models, ...changes }), Date.now());
    return event.kind === "reply" ? event.body : event;
  };
  const choices = (...list: object[]) => ({ type: 8, data: { choices: list } });
  const fast = { name: "fast — claude-haiku-4-5", value: "fast" };
  const strong = { name: "strong — claude-opus-5", value: "strong" };

  test("offers every model to the owner", async () => {
    expect(await offered(modelAutocomplete("guild", ""))).toEqual(choices(fast, strong));
  });

  test("offers those whose name or model holds what is typed", async () => {
    expect(await offered(modelAutocomplete("dm", "FAS"))).toEqual(choices(fast));
    expect(await offered(modelAutocomplete("dm", "opus"))).toEqual(choices(strong));
    expect(await offered(modelAutocomplete("dm", "gpt"))).toEqual(choices());
  });

  test("offers nothing to who may not change the model", async () => {
    expect(await offered(modelAutocomplete("guild", ""), { owners: {} })).toEqual(choices());
    const ignored = { strangers: "ignore", hub_peers: "answer", commands: { model: ["stranger"] } } as const;
    expect(await offered(modelAutocomplete("guild", ""), { owners: {}, access: ignored })).toEqual(choices());
    const answered = { ...ignored, strangers: "answer" } as const;
    expect(await offered(modelAutocomplete("guild", ""), { owners: {}, access: answered })).toEqual(
      choices(fast, strong),
    );
  });

  test("stays within what Discord takes: 25 choices, names of 100 characters", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`m${n}`, { model: "x".repeat(120) }]),
    );
    const event = await webhook.parse(
      modelAutocomplete("guild", ""),
      envWith({}),
      routesWith({ models: many }),
      Date.now(),
    );
    const list = event.kind === "reply" ? (event.body as ReturnType<typeof choices>).data.choices : [];
    expect(list).toHaveLength(25);
    expect(list).toContainEqual({ name: `m0 — ${"x".repeat(95)}`, value: "m0" });
  });
});
