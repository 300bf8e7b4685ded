import type { Variables } from "../../src/env.ts";
import { ruleBundle } from "../../src/routing/layers.ts";
import { sends } from "../../src/routing/providers.ts";
import { missingSecrets } from "../../src/routing/secrets.ts";
import type { Bundle, CompiledRoutes } from "../../src/routing/types.ts";
import { tryModel } from "../connect/model.ts";
import { type Finding, fine, wrong } from "./finding.ts";

const ABOUT = "model";

interface Asked {
  readonly bundle: Bundle;
  /** Whether messages are answered by it before anything else is tried or chosen. */
  readonly first: boolean;
}

/** Asks each endpoint and model that a message can be routed to for one token. */
export async function tryModels(compiled: CompiledRoutes, env: Variables): Promise<Finding[]> {
  return Promise.all(bundlesOf(compiled).map((asked) => tryOne(asked, env)));
}

async function tryOne({ bundle, first }: Asked, env: Variables): Promise<Finding> {
  const { provider, base_url, model } = bundle;
  const name = `${model} at ${base_url ?? provider}`;
  if (provider === "echo") return fine(ABOUT, `${name} repeats what is said`);
  if (!sends(provider)) {
    return wrong(
      "warning",
      ABOUT,
      `${name} cannot be tried from here`,
      "write to the bot, and see its answer",
    );
  }
  const missing = missingSecrets(bundle, env);
  if (missing.length > 0) {
    return wrong(
      "error",
      ABOUT,
      `${name} was not tried: ${missing.join(", ")} is not set`,
      "set it: npm run connect",
    );
  }
  const problem = await tryModel(bundle, env);
  if (problem === null) return fine(ABOUT, `${name} answers`);
  const todo = "repair the routes file or the key; npm run explain says which messages go there";
  return wrong(first ? "error" : "warning", ABOUT, `${name} does not answer (${problem})`, todo);
}

/** Each model at each endpoint with each key, once; what is asked first before what is a fallback or a choice. */
function bundlesOf(routes: CompiledRoutes): Asked[] {
  const named = (name: string) => routes.models[name] ?? { model: name };
  const first = [
    routes.base,
    ...routes.rules.flatMap(({ set, split }) =>
      split === undefined
        ? [ruleBundle(routes, set)]
        : split.map(({ name }) => ruleBundle(routes, { ...set, ...named(name) })),
    ),
  ];
  const later = [
    ...(routes.base_fallbacks ?? []),
    ...routes.rules.flatMap(({ fallbacks }) => fallbacks ?? []),
    ...(routes.cron?.jobs ?? []).flatMap(({ own }) => [own?.bundle ?? [], own?.fallbacks ?? []].flat()),
    ...Object.values(routes.models).map((set) => ruleBundle(routes, set)),
  ];
  const known = new Map<string, Asked>();
  const add = (bundle: Bundle, isFirst: boolean) => {
    const { provider, base_url, model, api_key } = bundle;
    const key = JSON.stringify([provider, base_url, model, api_key]);
    if (!known.has(key)) known.set(key, { bundle, first: isFirst });
  };
  for (const bundle of first) add(bundle, true);
  for (const bundle of later) add(bundle, false);
  return [...known.values()];
}
