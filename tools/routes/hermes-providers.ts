import { findProvider, type ProviderName, providerFacts } from "../../src/routing/providers.ts";

interface HermesProvider {
  /** Where its API is; null where Hermes logs in, runs a program, or the address is one's own. */
  readonly base_url: string | null;
  /** The variable of Hermes's env file that holds its key; null where it takes none. */
  readonly key: string | null;
}

const LOCAL: HermesProvider = { base_url: null, key: null };
const LOGIN: HermesProvider = { base_url: null, key: null };

/**
 * The providers that Hermes knows by name: https://hermes-agent.nousresearch.com/docs. Those that speak another
 * protocol than this gateway's api modes have no base_url here.
 */
const HERMES_PROVIDERS: { readonly [name: string]: HermesProvider } = {
  auto: LOGIN,
  nous: LOGIN,
  "nous-api": { base_url: "https://inference-api.nousresearch.com/v1", key: "NOUS_API_KEY" },
  "openai-codex": LOGIN,
  "openai-api": { base_url: "https://api.openai.com/v1", key: "OPENAI_API_KEY" },
  openai: { base_url: "https://api.openai.com/v1", key: "OPENAI_API_KEY" },
  openrouter: { base_url: "https://openrouter.ai/api/v1", key: "OPENROUTER_API_KEY" },
  anthropic: { base_url: "https://api.anthropic.com/v1", key: "ANTHROPIC_API_KEY" },
  copilot: LOGIN,
  "copilot-acp": LOGIN,
  gemini: { base_url: "https://generativelanguage.googleapis.com/v1beta/openai", key: "GEMINI_API_KEY" },
  zai: { base_url: "https://api.z.ai/api/paas/v4", key: "GLM_API_KEY" },
  "kimi-coding": { base_url: "https://api.moonshot.ai/v1", key: "KIMI_API_KEY" },
  "kimi-coding-cn": { base_url: "https://api.moonshot.cn/v1", key: "KIMI_CN_API_KEY" },
  minimax: { base_url: null, key: "MINIMAX_API_KEY" },
  "minimax-cn": { base_url: null, key: "MINIMAX_CN_API_KEY" },
  huggingface: { base_url: "https://router.huggingface.co/v1", key: "HF_TOKEN" },
  nvidia: { base_url: "https://integrate.api.nvidia.com/v1", key: "NVIDIA_API_KEY" },
  xiaomi: { base_url: "https://api.xiaomimimo.com/v1", key: "XIAOMI_API_KEY" },
  arcee: { base_url: "https://api.arcee.ai/api/v1", key: "ARCEEAI_API_KEY" },
  ollama: LOCAL,
  vllm: LOCAL,
  llamacpp: LOCAL,
  lmstudio: { base_url: "http://127.0.0.1:1234/v1", key: null },
  "ollama-cloud": { base_url: "https://ollama.com/v1", key: "OLLAMA_API_KEY" },
  deepinfra: { base_url: "https://api.deepinfra.com/v1/openai", key: "DEEPINFRA_API_KEY" },
  deepseek: { base_url: "https://api.deepseek.com/v1", key: "DEEPSEEK_API_KEY" },
  alibaba: { base_url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", key: "DASHSCOPE_API_KEY" },
  xai: { base_url: "https://api.x.ai/v1", key: "XAI_API_KEY" },
  kilocode: { base_url: "https://api.kilo.ai/api/gateway", key: "KILOCODE_API_KEY" },
  "ai-gateway": { base_url: "https://ai-gateway.vercel.sh/v1", key: "AI_GATEWAY_API_KEY" },
  "opencode-zen": { base_url: "https://opencode.ai/zen/v1", key: "OPENCODE_ZEN_API_KEY" },
  "opencode-go": { base_url: "https://opencode.ai/zen/go/v1", key: "OPENCODE_GO_API_KEY" },
  "azure-foundry": { base_url: null, key: "AZURE_FOUNDRY_API_KEY" },
  bedrock: LOGIN,
};

/** Providers that are endpoints like any other here: with their base_url they are `custom`. */
export const FOREIGN_PROVIDERS = Object.keys(HERMES_PROVIDERS).filter(
  (name) => findProvider(name) === undefined,
);

/** Whether this is a name that only Hermes knows: `custom:NAME` is one of its `custom_providers`. */
export const isForeign = (provider: string): boolean =>
  FOREIGN_PROVIDERS.includes(provider) || provider.startsWith("custom:");

/** What Hermes knows of a provider; undefined where it does not know it. */
export const hermesProvider = (name: string): HermesProvider | undefined =>
  Object.hasOwn(HERMES_PROVIDERS, name) ? HERMES_PROVIDERS[name] : undefined;

/** The variable that usually holds this endpoint's key, in Hermes and elsewhere; null where there is no custom. */
export function usualKey(base_url: string | null): string | null {
  const entries = Object.values(HERMES_PROVIDERS);
  return entries.find((entry) => entry.base_url !== null && entry.base_url === base_url)?.key ?? null;
}

/** Where a provider's API is, here or in Hermes. */
export function addressOf(name: string): string | null {
  const own: ProviderName | undefined = findProvider(name);
  return (own && providerFacts(own).base_url) ?? hermesProvider(name)?.base_url ?? null;
}
