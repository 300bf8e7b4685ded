import type { ApiMode, Bundle, ProviderName } from "../routing/types.ts";
import { anthropicMessages } from "./anthropic_messages.ts";
import { chatCompletions } from "./chat_completions.ts";
import { echo } from "./echo.ts";
import { overHttp } from "./http.ts";
import type { Provider } from "./provider.ts";
import { responses } from "./responses.ts";
import { workersAi } from "./workers_ai.ts";

const API_MODE_PROVIDERS = {
  chat_completions: overHttp(chatCompletions),
  responses: overHttp(responses),
  anthropic_messages: overHttp(anthropicMessages),
} as const satisfies Record<ApiMode, Provider>;

/** Providers that are not an endpoint over HTTP. */
const OTHERS: { readonly [Name in ProviderName]?: Provider } = { "workers-ai": workersAi, echo };

/** Whoever answers for this bundle. */
export const providerOf = (bundle: Bundle): Provider =>
  OTHERS[bundle.provider] ?? API_MODE_PROVIDERS[bundle.api_mode];
