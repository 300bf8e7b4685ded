import type { ApiMode, LocalProviderName, ProviderName } from "../routing/providers.ts";
import type { Bundle } from "../routing/types.ts";
import { anthropicMessages } from "./dialects/anthropic-messages.ts";
import { chatCompletions } from "./dialects/chat-completions.ts";
import { responses } from "./dialects/responses.ts";
import { overHttp } from "./http/post.ts";
import type { Provider } from "./port.ts";
import { echo } from "./providers/echo.ts";
import { workersAi } from "./providers/workers-ai.ts";

const API_MODE_PROVIDERS = {
  chat_completions: overHttp(chatCompletions),
  responses: overHttp(responses),
  anthropic_messages: overHttp(anthropicMessages),
} as const satisfies Record<ApiMode, Provider>;

/** Providers that are not an endpoint over HTTP: each its own file. */
const LOCAL_PROVIDERS: { readonly [Name in ProviderName]?: Provider } = {
  "workers-ai": workersAi,
  echo,
} satisfies Record<LocalProviderName, Provider>;

/** Whoever answers for this bundle. */
export const providerOf = (bundle: Bundle): Provider =>
  LOCAL_PROVIDERS[bundle.provider] ?? API_MODE_PROVIDERS[bundle.api_mode];
