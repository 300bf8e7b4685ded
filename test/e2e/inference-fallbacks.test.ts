import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  chatAnswer,
  type RawEndpoint,
  type Script,
  silence,
  startRawEndpoint,
} from "../support/raw-endpoint.ts";
import { say, turn } from "./support/chat.ts";
import { secretsInLog, secretsSent } from "./support/leaks.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 9301 };
const QUIET = { id: 9302 };
const TOLD = { id: 9303 };
/** Their routes' first endpoint is this one's alone: what it fails at, nobody else has to wait for. */
const DEAD = [{ id: 9311 }, { id: 9312 }, { id: 9313 }, { id: 9314 }] as const;
const NO_KEY = { id: 9321 };

const SECRETS = {
  FIRST_KEY: "sk-first-0123456789abcdef",
  SECOND_KEY: "sk-second-0123456789abcdef",
  THIRD_KEY: "sk-third-0123456789abcdef",
  CHOSEN_KEY: "sk-chosen-0123456789abcdef",
  TEAM_TOKEN: "token-of-the-team-4711",
};
/** What fails may be asked again at once: these tests are not about waiting. */
const AT_ONCE = { "retry-after-ms": "1" };

let world: World;
let first: RawEndpoint;
beforeAll(async () => {
  first = await startRawEndpoint();
  const routes = (url: (name: string) => string) => {
    const bundle = `provider: custom, base_url: ${first.url}, api_key: "\${FIRST_KEY}"`;
    const timeouts = "timeouts: { first_token: 0.3 }";
    const second = `{ model: second-model, base_url: "${url("second")}", api_key: "\${SECOND_KEY}", api_mode: anthropic_messages }`;
    const third = `{ model: third-model, base_url: "${url("third")}", api_key: "\${THIRD_KEY}", api_mode: responses }`;
    return `
model:
  default: first-model
  provider: custom
  base_url: ${first.url}
  api_key: \${FIRST_KEY}
  headers: { x-team-token: "\${TEAM_TOKEN}" }
  timeouts: { first_token: 0.3 }
  fallbacks: [${second}, ${third}]
  routes:
    - { match: { user_id: "${QUIET.id}" }, model: quiet-model, ${bundle}, ${timeouts}, fallbacks: [${second}] }
    - { match: { user_id: "${TOLD.id}" }, model: told-model, ${bundle}, fallbacks: [${second}], tell_fallback: true }
    - match: { user_id: [${DEAD.map(({ id }) => `"${id}"`).join(", ")}] }
      model: dead-model
      ${bundle.replaceAll(", ", "\n      ")}
      fallbacks: [${second}]
    - { match: { user_id: "${NO_KEY.id}" }, model: keyless-model, api_key: "\${NOT_SET}", fallbacks: [${third}] }
models:
  chosen: { model: chosen-model, base_url: "${url("chosen")}", api_key: "\${CHOSEN_KEY}" }
owners: { telegram: ["${OWNER.id}"] }
access: { strangers: answer }
`;
  };
  world = await startWorld({ endpoints: ["second", "third", "chosen"], routes, env: SECRETS });
});
afterAll(async () => {
  await world?.stop();
  await first?.stop();
});
beforeEach(() => {
  first.clear();
  first.script(chatAnswer("from the first"));
  for (const endpoint of Object.values(world.endpoints)) {
    endpoint.clear();
    endpoint.answer(({ model }) => `from ${model}`);
  }
});

const calls = () => [
  first.requests.length,
  ...["second", "third", "chosen"].map((name) => asked(name).length),
];
const asked = (name: string) => world.endpoint(name).requests();
const status =
  (code: number): Script =>
  ({ head }) =>
    head(code, AT_ONCE).end();

test.each<[string, readonly Script[], RegExp, number]>([
  ["500", [status(500)], /unavailable 500 x3/, 3],
  ["401", [status(401)], /unauthorized 401 x1/, 1],
  ["404", [status(404)], /no_endpoint 404 x1/, 1],
  ["a cut stream", [(exchange) => exchange.stream().chunk({ content: "half an " }).cut()], /cut x2/, 2],
  ["silence", [silence], /timeout x1/, 1],
])("%s: the fallback answers, with its own model and key", async (_, scripts, attempt, tries) => {
  first.script(...scripts);
  const { said, log } = await turn(world, QUIET, "hello");
  // The route does not ask for it to be told.
  expect(said).toBe("from second-model");
  expect(calls()).toEqual([tries, 1, 0, 0]);
  expect(asked("second")[0]).toMatchObject({
    path: "/v1/messages",
    model: "second-model",
    headers: { "x-api-key": SECRETS.SECOND_KEY },
  });
  expect(secretsSent(first.requests, world)).toEqual(["FIRST_KEY", "TEAM_TOKEN"]);
  expect(secretsSent(asked("second"), world)).toEqual(["SECOND_KEY"]);
  expect(log).toMatchObject({ level: "info", outcome: "ok", fallback: true, model: "second-model" });
  expect(log.attempts).toMatch(attempt);
  expect(log.attempts).toMatch(/; second-model@127\.0\.0\.1:\d+: answered x1$/);
  // The next turn begins with the primary again.
  first.script(chatAnswer("from the first"));
  expect(await say(world, QUIET, "and now?")).toBe("from the first");
  expect(calls()).toEqual([tries + 1, 1, 0, 0]);
});

test("the whole list is gone through in order, each with its own key and api mode", async () => {
  first.script(status(401));
  world.endpoint("second").failNext(3, 529, AT_ONCE);
  const { said, log } = await turn(world, OWNER, "hello");
  expect(said).toBe("from third-model");
  expect(calls()).toEqual([1, 3, 1, 0]);
  expect(secretsSent(asked("second"), world)).toEqual(["SECOND_KEY"]);
  expect(secretsSent(asked("third"), world)).toEqual(["THIRD_KEY"]);
  expect(asked("third")[0]).toMatchObject({ path: "/v1/responses", key: SECRETS.THIRD_KEY });
  expect(log.attempts).toMatch(/^first-model@.* 401 x1; second-model@.* 529 x3; third-model@.* answered/);
});

test("/status says that a fallback answered, and why to the owner only", async () => {
  first.script(status(401));
  await say(world, OWNER, "hello");
  await say(world, QUIET, "hello");
  const toOwner = await say(world, OWNER, "/status");
  expect(toOwner).toContain("Last answer: second-model, a fallback (first-model@");
  expect(toOwner).toContain("unauthorized 401");
  const toStranger = await say(world, QUIET, "/status");
  expect(toStranger).toMatch(/^Last answer: second-model, a fallback$/m);
  expect(toStranger).not.toMatch(/401|127\.0\.0\.1/);
  first.script(chatAnswer("from the first"));
  await say(world, OWNER, "again");
  expect(await say(world, OWNER, "/status")).not.toContain("fallback");
});

test("the user is told where the route asks for it, and only when a fallback answered", async () => {
  expect(await say(world, TOLD, "hello")).toBe("from the first");
  first.script(status(404));
  expect(await say(world, TOLD, "hello")).toBe("from second-model\n\n(Answered by second-model.)");
});

test("a chat's own choice outlives the turn in which a fallback answered for it", async () => {
  await say(world, OWNER, "/model chosen");
  world.endpoint("chosen").failNext(1, 401);
  expect(await say(world, OWNER, "one")).toBe("from second-model");
  expect(secretsSent(asked("second"), world)).toEqual(["SECOND_KEY"]);
  expect(await say(world, OWNER, "two")).toBe("from chosen-model");
  expect(await say(world, OWNER, "/status")).toContain("Model: chosen-model");
  expect(secretsSent(asked("chosen"), world)).toEqual(["CHOSEN_KEY"]);
  await say(world, OWNER, "/model reset");
  expect(calls()).toEqual([0, 1, 0, 2]);
});

test("when all fail, the user gets one line, of what will pass by itself", async () => {
  first.script(status(429));
  world.endpoint("second").failNext(1, 401);
  const { said, log } = await turn(world, QUIET, "hello");
  expect(said).toBe("The model's endpoint is busy right now. Please try again in a minute.");
  expect(log).toMatchObject({ level: "warn", outcome: "rate_limited", fallback: false });
  expect(log.attempts).toMatch(/quiet-model@.* rate_limited 429 x3; second-model@.* unauthorized 401 x1/);
});

test("an endpoint that failed three times in a row is tried last, for everyone, but still tried", async () => {
  first.script(status(503));
  for (const person of DEAD.slice(0, 3)) {
    expect(await say(world, person, "hello")).toBe("from second-model");
  }
  expect(calls()).toEqual([9, 3, 0, 0]);
  const { said, log } = await turn(world, DEAD[3], "hello");
  expect(said).toBe("from second-model");
  expect(calls()).toEqual([9, 4, 0, 0]);
  expect(log).toMatchObject({ fallback: true, model: "second-model" });
  first.script(chatAnswer("alive again"));
  world.endpoint("second").failNext(1, 401);
  expect(await say(world, DEAD[0], "anyone?")).toBe("alive again");
  // It answered: it comes first again.
  expect(await say(world, DEAD[1], "and now?")).toBe("alive again");
});

test("a route whose key is not set gives way to its fallback, and /status says so", async () => {
  expect(await say(world, NO_KEY, "hello")).toBe("from third-model");
  expect(first.requests).toEqual([]);
  const status = await say(world, NO_KEY, "/status");
  expect(status).toMatch(/^The model of a route cannot be used.* third-model answers instead\.$/m);
  expect(status).toContain("Last answer: third-model, a fallback");
});

test("and to the model block when the fallback fails as well", async () => {
  world.endpoint("third").failNext(1, 401);
  expect(await say(world, NO_KEY, "hello")).toBe("from the first");
  expect(secretsSent(first.requests, world)).toEqual(["FIRST_KEY", "TEAM_TOKEN"]);
});

test("none of this leaves a secret in the log", () => {
  expect(secretsInLog(world)).toEqual([]);
});
