import { expect, test, vi } from "vitest";
import { API_MODES } from "../../src/routing/providers.ts";
import { ask, bundleOf } from "./setup.ts";

// A Worker with none of the parts.
vi.mock("#parts", async (importOriginal) => {
  const { parts } = await importOriginal<typeof import("../../src/parts.ts")>();
  return { parts: Object.fromEntries(Object.keys(parts).map((name) => [name, null])) };
});

test.each([
  { provider: "custom", api_mode: "responses" },
  { provider: "anthropic", api_mode: "anthropic_messages" },
  { provider: "workers-ai", api_mode: "chat_completions" },
] as const)(
  "an override of another program's to $provider, $api_mode: says what is not compiled in",
  async ({ provider, api_mode }) => {
    const result = await ask(bundleOf("http://127.0.0.1:9", { provider, api_mode }));
    const name = provider === "workers-ai" ? provider : api_mode;
    const detail = `${name} is not compiled in: nothing in the routes file uses it`;
    expect(result).toMatchObject({ ok: false, error: { reason: "bad_config", detail, tries: 0 } });
  },
);

test.each(API_MODES)("echo answers in every api mode: %s", async (api_mode) => {
  const result = await ask(bundleOf("http://127.0.0.1:9", { provider: "echo", api_mode }));
  expect(result).toMatchObject({ ok: true });
});
