export const API_MODES = ["chat_completions", "responses", "anthropic_messages"] as const;
export type ApiMode = (typeof API_MODES)[number];

/** What a provider's name alone says. */
interface ProviderFacts {
  /** Where its API begins; null where the routes file has to say so, or where nothing is called over HTTP. */
  readonly base_url: string | null;
  /** Whether it is called over HTTP, so that a base_url and a key mean something to it. */
  readonly sends: boolean;
  /** Its own api mode, and behind it those that it keeps where the layer below has chosen one. */
  readonly api_modes: readonly [ApiMode, ...ApiMode[]];
  /** Whether its models are shown pictures where no `images` says otherwise. */
  readonly images: boolean;
  /** Parameters of chat completions that it knows only by another name. */
  readonly param_names?: { readonly [param: string]: string };
}

/** Anthropic's messages are its own; among the others a mode that was chosen is kept. */
const LIKE_OPENAI = ["chat_completions", "responses"] as const;

/** One row a provider. One that is not called over HTTP also needs its file, listed in `inference/providers.ts`. */
export const PROVIDER_FACTS = {
  custom: { base_url: null, sends: true, api_modes: LIKE_OPENAI, images: true },
  openai: {
    base_url: "https://api.openai.com/v1",
    sends: true,
    api_modes: LIKE_OPENAI,
    images: true,
    // Its newer models take no other name: https://platform.openai.com/docs/api-reference/chat/create
    param_names: { max_tokens: "max_completion_tokens" },
  },
  anthropic: {
    base_url: "https://api.anthropic.com/v1",
    sends: true,
    api_modes: ["anthropic_messages"],
    images: true,
  },
  openrouter: {
    base_url: "https://openrouter.ai/api/v1",
    sends: true,
    api_modes: LIKE_OPENAI,
    images: true,
  },
  "workers-ai": { base_url: null, sends: false, api_modes: LIKE_OPENAI, images: false },
  echo: { base_url: null, sends: false, api_modes: LIKE_OPENAI, images: false },
} as const satisfies { readonly [name: string]: ProviderFacts };

type Facts = typeof PROVIDER_FACTS;
export type ProviderName = keyof Facts;

/** Providers that are not called over HTTP. */
export type LocalProviderName = {
  [Name in ProviderName]: Facts[Name]["sends"] extends true ? never : Name;
}[ProviderName];

/** Every provider's name, in the order in which they are listed to people. */
export const PROVIDER_NAMES = Object.keys(PROVIDER_FACTS) as readonly ProviderName[];

/** A provider's row. */
export const providerFacts = (name: ProviderName): ProviderFacts => PROVIDER_FACTS[name];

/**
 * The provider of this name, which comes from outside; undefined if there is none.
 * @example findProvider("opnai") // undefined
 */
export const findProvider = (name: unknown): ProviderName | undefined =>
  PROVIDER_NAMES.find((known) => known === name);

/** Whether a provider is called over HTTP, so that a base_url and a key mean something to it. */
export const sends = (name: ProviderName): boolean => PROVIDER_FACTS[name].sends;
