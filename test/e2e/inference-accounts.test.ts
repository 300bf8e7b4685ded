import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { run, temporary } from "../tools/run.ts";
import { say, sessionOf, turn } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 9201 };
const THINKER = { id: 9202 };
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Between thousands, so that every locale can read the number. */
const THIN = "\u202f";
const CHATS = 100;

let world: World;
let dear: RawEndpoint;
let file: string;
beforeAll(async () => {
  dear = await startRawEndpoint();
  const routes = (url: (name: string) => string) => `
model:
  default: unpriced-model
  provider: custom
  base_url: ${url("base")}
  routes:
    - { match: { user_id: "${THINKER.id}" }, model: dear-model, base_url: "${dear.url}" }
    - match: { platform: telegram, source_kind: stranger }
      model: never-itself
      split: { stable: 90, canary: 10 }
models:
  dear: { model: dear-model, base_url: "${dear.url}", api_mode: chat_completions }
  cheap: cheap-model
  stable: stable-model
  canary: { model: canary-model, base_url: "${url("canary")}", api_key: "\${CANARY_KEY}" }
prices:
  dear-model: { input: 3, output: 15, cached: 0.3 }
  cheap-model: { input: 0.25, output: 1.25 }
owners: { telegram: ["${OWNER.id}"] }
access: { strangers: answer }
`;
  world = await startWorld({
    endpoints: ["base", "canary"],
    routes(url) {
      file = temporary(routes(url));
      return routes(url);
    },
    env: { CANARY_KEY: "sk-canary-0123456789abcdef" },
  });
});
afterAll(async () => {
  await world?.stop();
  await dear?.stop();
});
beforeEach(() => {
  for (const endpoint of Object.values(world.endpoints)) {
    endpoint.clear();
    endpoint.answer(({ model, text }) => `${model} heard: ${text}`);
  }
});

describe("accounts", () => {
  const ownersStorage = (query: string) => world.gateway.sql(sessionOf(OWNER), query);
  /** 12,000 tokens in, 8,000 of them cached, and 1,500 out, 500 of them reasoning. */
  const usage = {
    prompt_tokens: 12_000,
    prompt_tokens_details: { cached_tokens: 8_000 },
    completion_tokens: 1_500,
    completion_tokens_details: { reasoning_tokens: 500 },
  };

  test("/usage adds up tokens and costs by model", async () => {
    expect(await say(world, OWNER, "/usage")).toBe("Nothing has been used in this chat yet.");
    dear.script((exchange) =>
      exchange
        .stream()
        .chunk({ reasoning_content: "Hm." })
        .chunk({ content: "Dear indeed." }, "stop")
        .event({ choices: [], usage })
        .event("[DONE]")
        .end(),
    );
    await say(world, OWNER, "/model dear");
    for (const text of ["one", "two"]) expect(await say(world, OWNER, text)).toBe("Dear indeed.");
    await say(world, OWNER, "/model cheap");
    world
      .endpoint("base")
      .answer({ text: "Cheap.", usage: { prompt_tokens: 2_000, completion_tokens: 400 } });
    expect(await say(world, OWNER, "three")).toBe("Cheap.");
    await say(world, OWNER, "/model reset");
    world.endpoint("base").answer({ text: "Free.", usage: { prompt_tokens: 70, completion_tokens: 7 } });
    expect(await say(world, OWNER, "four")).toBe("Free.");

    // 2 × (4,000 × 3 + 8,000 × 0.3 + 1,500 × 15) and 2,000 × 0.25 + 400 × 1.25, per million.
    const table = [
      `dear-model: 2 turns, 24${THIN}000 tokens in (67 % cached), 3${THIN}000 tokens out (1${THIN}000 reasoning), cost 0.0738`,
      `cheap-model: 1 turn, 2${THIN}000 tokens in, 400 tokens out, cost 0.0010`,
      "unpriced-model: 1 turn, 70 tokens in, 7 tokens out",
    ];
    expect((await say(world, OWNER, "/usage")).split("\n")).toEqual([
      "Today (UTC):",
      ...table,
      "",
      "In all:",
      ...table,
    ]);
  });

  test("every turn is a row of its session, a failed one too", async () => {
    world.endpoint("base").failNext(3, 503, { "retry-after-ms": "1" });
    expect((await turn(world, OWNER, "five")).log.outcome).toBe("unavailable");
    const used = await ownersStorage("SELECT usage FROM exchanges WHERE usage IS NOT NULL ORDER BY seq");
    const rows = used.map(({ usage }): unknown => JSON.parse(String(usage)));
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatchObject({
      model: "dear-model",
      route: "base",
      outcome: "ok",
      attempts: null,
      fallback: false,
      tries: 1,
      usage: { input: 12_000, output: 1_500, cached: 8_000, reasoning: 500 },
      first_token_ms: expect.any(Number),
      total_ms: expect.any(Number),
      cost: 0.0369,
    });
    expect(rows[4]).toMatchObject({
      model: "unpriced-model",
      outcome: "unavailable",
      attempts: expect.stringContaining("unavailable 503 x3"),
      tries: 3,
      usage: { input: null },
      cost: null,
    });
  });

  test("what was used before today counts in all only, and no restart forgets it", async () => {
    // A message whose id is not stored yet would come again after the restart.
    const open = "SELECT 1 FROM exchanges WHERE state <> 'done'";
    await waitFor("end of all work", async () => (await ownersStorage(open)).length === 0);
    await ownersStorage(`UPDATE exchanges SET at = at - ${DAY_MS} WHERE usage ->> 'model' = 'dear-model'`);
    await world.gateway.restart();
    const [today = "", all = ""] = (await say(world, OWNER, "/usage")).split("\n\n");
    expect(today).not.toContain("dear-model");
    expect(today).toContain("cheap-model: 1 turn");
    expect(all).toContain("dear-model: 2 turns");
    expect(all).toContain("unpriced-model: 2 turns, 70 tokens in, 7 tokens out");
  });

  test("they are each chat's own, and an answer that came to nothing is paid for too", async () => {
    expect(await say(world, THINKER, "/usage")).toBe("Nothing has been used in this chat yet.");
    dear.script((exchange) =>
      exchange
        .stream()
        .chunk({ reasoning_content: "Hm." }, "length")
        .event({ choices: [], usage })
        .event("[DONE]")
        .end(),
    );
    expect(await say(world, THINKER, "think")).toMatch(/^The model thought about this but gave no answer/);
    expect(await say(world, THINKER, "/usage")).toMatch(
      /^dear-model: 1 turn, 12.000 tokens in .*, cost 0\.0369$/m,
    );
  });
});

describe("a route's split", () => {
  const people = Array.from({ length: CHATS }, (_, index) => ({ id: 20_000 + index * 37 }));

  test("shares chats out by weight, and each stays with its side, which explain knows too", async () => {
    const { telegram, gateway } = world;
    for (const text of ["first", "second"]) {
      const answered = telegram.callsOf("sendMessage").length + CHATS;
      await Promise.all(
        people.map((person) => telegram.deliver(gateway.url, telegram.updates.direct(person, text))),
      );
      await waitFor(`every answer to ${text}`, () => telegram.callsOf("sendMessage").length === answered);
    }
    await Promise.all(people.map(({ id }) => telegram.waitForMessages(id, 2)));
    const sides = people.map(({ id }) => telegram.messagesTo(id).map(({ text }) => text.split(" ")[0]));
    for (const [first, second] of sides) expect(second).toBe(first);
    const firsts = sides.map(([first]) => first);
    const on = (model: string) => people.filter((_, index) => firsts[index] === model);
    const canaries = on("canary-model");
    expect(canaries.length).toBeGreaterThanOrEqual(CHATS * 0.04);
    expect(canaries.length).toBeLessThanOrEqual(CHATS * 0.2);
    expect(on("stable-model").length).toBe(CHATS - canaries.length);

    for (const model of ["canary-model", "stable-model"]) {
      const [person = OWNER] = on(model);
      expect(explained(sessionOf(person))).toMatchObject({ model, route: { from: "routes", index: 1 } });
    }
    // A side that is a bundle comes with its own endpoint and key.
    const asked = world.endpoint("canary").requests();
    expect(asked).toHaveLength(2 * canaries.length);
    expect(new Set(asked.map(({ key }) => key))).toEqual(new Set([world.env.CANARY_KEY]));
    const others = world.endpoint("base").requests();
    expect(new Set(others.map(({ key }) => key))).toEqual(new Set([null]));
  });

  const explained = (session: string): unknown => {
    const context = ["platform=telegram", "source_kind=stranger"];
    const { out, err } = run("explain", ["--config", file, "--session", session, "--json", ...context]);
    expect(err).toBe("");
    return JSON.parse(out);
  };
});
