import { join } from "node:path";
import type { Parts } from "../../src/parts.ts";
import { type ApiMode, type ProviderName, providerFacts } from "../../src/routing/providers.ts";
import type { Bundle, CompiledRoutes } from "../../src/routing/types.ts";
import { ROOT } from "../lib/wrangler.ts";

/** Whether anything runs at its time beside reminders. */
export const hasJobs = ({ cron }: Partial<CompiledRoutes>): boolean => (cron?.jobs ?? []).length > 0;

/** Whether anything runs at its time: a routes file has jobs, or there is an owner, who may be reminded. */
export const isScheduled = ({ cron, owners = {}, homes = {} }: Partial<CompiledRoutes>): boolean =>
  cron !== undefined || [...Object.values(owners).flat(), ...Object.values(homes)].length > 0;

interface PartFacts {
  /** Its file below `src/`, which exports it by its name. */
  readonly file: string;
  /** Whether anything that the routes file says leads to it. */
  isNeeded(routes: CompiledRoutes): boolean;
}

/** One row a part. */
const PARTS: { readonly [Name in keyof Parts]: PartFacts } = {
  anthropicMessages: {
    file: "inference/dialects/anthropic-messages.ts",
    isNeeded: (routes) => speaks(routes, "anthropic_messages"),
  },
  responses: {
    file: "inference/dialects/responses.ts",
    isNeeded: (routes) => speaks(routes, "responses"),
  },
  workersAi: {
    file: "inference/providers/workers-ai.ts",
    isNeeded: (routes) => asks(routes, "workers-ai"),
  },
  readHub: {
    file: "platforms/hub/read-hub.ts",
    isNeeded: ({ access }) => access.hub_peers === "answer",
  },
  scheduler: {
    file: "platforms/cron/scheduler.ts",
    isNeeded: isScheduled,
  },
  dueAfter: {
    file: "platforms/cron/calendar.ts",
    isNeeded: hasJobs,
  },
  runs: {
    file: "sessions/runs.ts",
    isNeeded: isScheduled,
  },
  hear: {
    file: "sessions/hear.ts",
    isNeeded: ({ transcription }) => transcription !== undefined,
  },
  draft: {
    file: "platforms/telegram/draft.ts",
    isNeeded: ({ telegram }) => telegram?.draft === true,
  },
  rich: {
    file: "platforms/telegram/rich.ts",
    isNeeded: ({ telegram }) => telegram?.rich === true,
  },
  guest: {
    file: "platforms/telegram/guest.ts",
    isNeeded: ({ access }) => access.guests === "answer",
  },
  Overheard: {
    file: "sessions/overheard.ts",
    isNeeded: ({ groups }) => groups?.listen === true,
  },
  memoryOf: {
    file: "sessions/memory/memory.ts",
    isNeeded: ({ memory }) => memory === true,
  },
  ownerNotes: {
    file: "sessions/memory/owner-notes.ts",
    isNeeded: ({ memory }) => memory === true,
  },
  Peers: {
    file: "sessions/peers.ts",
    isNeeded: ({ access }) => access.hub_peers === "answer",
  },
};

/** The names of the parts that a Worker with these routes has. */
export const partsFor = (routes: CompiledRoutes): string[] =>
  Object.entries(PARTS).flatMap(([name, { isNeeded }]) => (isNeeded(routes) ? [name] : []));

/** The module `#parts` of a Worker with these routes (src/parts.ts). */
export function partsText(routes: CompiledRoutes): string {
  const rows = Object.entries(PARTS).map(([name, { file, isNeeded }]) => ({
    name,
    file: isNeeded(routes) ? JSON.stringify(join(ROOT, "src", file)) : null,
  }));
  return [
    "// Made from the routes file by `npm run compile`; changes here are lost.",
    ...rows.flatMap(({ name, file }) => (file ? [`import { ${name} } from ${file};`] : [])),
    `export const parts = { ${rows.map(({ name, file }) => (file ? name : `${name}: null`)).join(", ")} };\n`,
  ].join("\n");
}

/** Everything of which a bundle is made, whichever layers it takes: a route, a split's side, `/model`, a fallback. */
export const layers = ({ base, base_fallbacks = [], rules, models, cron }: Layered): Layer[] => [
  base,
  ...(cron?.jobs ?? []).flatMap(({ own }) => [
    ...(own?.bundle ? [own.bundle] : []),
    ...(own?.fallbacks ?? []),
  ]),
  ...base_fallbacks,
  ...rules.flatMap(({ set, fallbacks = [] }) => [set, ...fallbacks]),
  ...Object.values(models),
];
type Layered = Pick<CompiledRoutes, "base" | "base_fallbacks" | "rules" | "models" | "cron">;
type Layer = {
  readonly [Field in "provider" | "api_mode" | "base_url" | "context"]?: Bundle[Field] | undefined;
};

const asks = (routes: CompiledRoutes, name: ProviderName): boolean =>
  layers(routes).some(({ provider }) => provider === name);

/** A layer brings the api mode that it sets, or its provider's own. */
const speaks = (routes: CompiledRoutes, mode: ApiMode): boolean =>
  layers(routes).some(
    ({ provider, api_mode }) =>
      api_mode === mode || (provider !== undefined && providerFacts(provider).api_modes[0] === mode),
  );
