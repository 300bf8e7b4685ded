import { resolve } from "../../src/routing/resolve.ts";
import type { CompiledRoutes, Override } from "../../src/routing/types.ts";
import { loadText } from "../../tools/routes/load.ts";

/** The routes that this file compiles to. */
export function routes(yaml: string): CompiledRoutes {
  const { compiled, findings } = loadText(yaml, "routes.yaml");
  if (compiled === null) throw new Error(JSON.stringify(findings));
  return compiled;
}

const CONFIG = `
model:
  default: base-model
  base_url: https://base.example/v1
  api_key: \${BASE_KEY}
  headers: { X-Base: "\${BASE_HEADER}" }
  temperature: 0.5
  fallbacks: [{ model: base-spare }]
  routes:
    - match: { platform: telegram }
      model: tg-model
      base_url: https://tg.example/v1
      api_key: \${TG_KEY}
      headers: { x-tg: "1" }
      max_tokens: 100
      system_prompt: Telegram's.
      fallbacks: [{ model: tg-spare, base_url: "https://spare.example/v1", api_key: "\${SPARE_KEY}" }]
    - match: { platform: discord }
      model: dc-model
    - match: { platform: hub }
      provider: anthropic
      model: claude
      api_key: \${ANTHROPIC_KEY}
    - match: { platform: cron }
      provider: echo
      model: parrot
models:
  fast: small-model
  strong: { model: big-model, base_url: "https://strong.example/v1", api_key: "\${STRONG_KEY}" }
  keyless: { model: keyless-model, base_url: "https://keyless.example/v1" }
  cool: { model: cool-model, temperature: 0 }
  twin-a: { model: twin, base_url: "https://a.example/v1", api_key: "\${A_KEY}" }
  twin-b: { model: twin, base_url: "https://b.example/v1", api_key: "\${B_KEY}" }
system_prompt: Everyone's.
`;
export const compiled = routes(CONFIG);
export const telegram = { platform: "telegram" };
export const bundle = (context: Parameters<typeof resolve>[1], override: Override | null = null) =>
  resolve(compiled, context, override).bundle;
