/**
 * Time per resolve with 10, 1,000 and 100,000 per-user routes, in one run: `node bench/resolve.ts`.
 * Contexts are drawn at random over all users and one stranger in ten, so that no cache is kept warm on purpose.
 */

import { resolve } from "../src/routing/resolve.ts";
import type { CompiledRoutes, RoutingContext } from "../src/routing/types.ts";
import { buildIndex, type Match } from "../tools/routes/build-index.ts";

const SIZES = [10, 1_000, 100_000];
const CONTEXTS = 20_000;
const ROUNDS = 25;

/** What the Worker has after start: parsed from text, as the compiled module is. */
function routesFor(users: number): CompiledRoutes {
  const matches: Match[] = [
    { source_kind: ["owner"] },
    ...Array.from({ length: users }, (_, user) => ({ platform: ["telegram"], user_id: [idOf(user)] })),
    { platform: ["telegram", "discord"], source_kind: ["stranger"] },
  ];
  const routes: CompiledRoutes = {
    hash: "000000000000",
    base: {
      model: "base-model",
      provider: "custom",
      base_url: "https://llm.example/v1",
      api_key: "${INFERENCE_KEY}",
      api_mode: "chat_completions",
    },
    ...buildIndex(
      matches.map((match, index) => ({
        from: "routes",
        index,
        line: index + 10,
        match,
        set: { model: `model-${index % 50}`, api_key: `\${KEY_${index % 50}}` },
      })),
    ),
    models: {},
    owners: {},
    homes: {},
    access: { strangers: "answer", hub_peers: "answer", commands: { model: ["owner"] } },
    system_prompt: null,
    history_tokens: 8000,
  };
  return JSON.parse(JSON.stringify(routes));
}

const idOf = (user: number): string => String(100_000_000 + user * 7);

/** A deterministic draw, so that runs can be compared. */
function* draws(seed: number): Generator<number, never> {
  let state = seed;
  while (true) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

/** Contexts as a webhook makes them: their strings are new, not the ones in the tables. */
function contextsFor(users: number): RoutingContext[] {
  const draw = draws(users);
  return Array.from({ length: CONTEXTS }, () => {
    const user = Math.floor(draw.next().value * users * 1.1);
    return JSON.parse(
      JSON.stringify({
        platform: "telegram",
        source_kind: "stranger",
        user_id: idOf(user),
        chat_id: idOf(user),
        chat_type: "dm",
      }),
    );
  });
}

const suites = SIZES.map((users) => ({
  users,
  routes: routesFor(users),
  contexts: contextsFor(users),
  best: Number.POSITIVE_INFINITY,
}));

let unrouted = 0;
for (let round = 0; round < ROUNDS; round++) {
  for (const suite of suites) {
    const start = process.hrtime.bigint();
    for (const context of suite.contexts) if (resolve(suite.routes, context, null).route === null) unrouted++;
    const each = Number(process.hrtime.bigint() - start) / CONTEXTS;
    suite.best = Math.min(suite.best, each);
  }
}
if (unrouted > 0) throw new Error(`${unrouted} contexts took no route`);

const floor = suites[0]?.best ?? 1;
for (const { users, best } of suites) {
  console.log(
    `${String(users).padStart(7)} routes  ${best.toFixed(0).padStart(5)} ns  ${(best / floor).toFixed(2)}x`,
  );
}
