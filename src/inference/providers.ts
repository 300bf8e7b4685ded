import { parts } from "#parts";
import { fail } from "../lib/result.ts";
import type { ApiMode, LocalProviderName, ProviderName } from "../routing/providers.ts";
import type { Bundle } from "../routing/types.ts";
import { chatCompletions } from "./dialects/chat-completions.ts";
import { overHttp } from "./http/post.ts";
import type { ApiModeDialect, Provider } from "./port.ts";
import { echo } from "./providers/echo.ts";

const API_MODE_PROVIDERS = {
  chat_completions: overHttp(chatCompletions),
  responses: ifCompiledIn("responses", parts.responses),
  anthropic_messages: ifCompiledIn("anthropic_messages", parts.anthropicMessages),
} as const satisfies Record<ApiMode, Provider>;

/** Providers that are not an endpoint over HTTP: each its own file. */
const LOCAL_PROVIDERS: { readonly [Name in ProviderName]?: Provider } = {
  "workers-ai": parts.workersAi ?? absent("workers-ai"),
  echo,
} satisfies Record<LocalProviderName, Provider>;

/** Whoever answers for this bundle. */
export const providerOf = (bundle: Bundle): Provider =>
  LOCAL_PROVIDERS[bundle.provider] ?? API_MODE_PROVIDERS[bundle.api_mode];

function ifCompiledIn(mode: ApiMode, dialect: ApiModeDialect | null): Provider {
  return dialect ? overHttp(dialect) : absent(mode);
}

/** Nothing in the routes file leads here: only an override that another program wrote does. */
function absent(name: string): Provider {
  const detail = `${name} is not compiled in: nothing in the routes file uses it`;
  return { prepare: () => fail({ reason: "bad_config", detail }) };
}
