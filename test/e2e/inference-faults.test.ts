import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  answered,
  type Fault,
  failed,
  HALF,
  KEY,
  type Outcome,
  PRIVATE,
  seenBy,
  waitsOf,
} from "../support/faults/fault.ts";
import { HTTP_FAULTS } from "../support/faults/http.ts";
import { STREAM_FAULTS } from "../support/faults/stream.ts";
import type { InferenceDouble } from "../support/inference.ts";
import { chatAnswer, type RawEndpoint, type Script, startRawEndpoint } from "../support/raw-endpoint.ts";
import { say, timeUntil, turn } from "./support/chat.ts";
import { secretsInLog } from "./support/leaks.ts";
import { startWorld, type World } from "./support/world.ts";

/** The limits of a faulty endpoint's route, in seconds. */
const LIMITS = { first_token: 1, idle: 0.6, total: 3 };
/** Jitter shortens a backoff by a quarter at most. */
const JITTER = 0.75;
/** What a busy machine may need beyond a fault's own waits. */
const SLACK_MS = 4_000;
/** An upstream request that nobody waits for any more is gone in this time at most. */
const AT_ONCE_MS = 1_000;

/** Each fault has a person and an endpoint of its own, so that several can be waited for at once. */
const CASES = [...HTTP_FAULTS, ...STREAM_FAULTS].map((fault, index) => ({
  ...fault,
  index,
  person: { id: 9500 + index },
}));
const MODES = { chat_completions: { id: 9411 }, responses: { id: 9412 }, anthropic_messages: { id: 9413 } };
const REDIRECTED = { id: 9421 };
const REFUSED = { id: 9422 };
/** Where nothing listens: the port of a server that has stopped may be given to the next. */
const NOBODY = "http://127.0.0.1:1021/v1";

/** Milliseconds that a fault's waits and its limit come to at least. */
function leastMs(fault: Pick<Fault, "calls" | "waits" | "limit">): number {
  const waits = waitsOf(fault).reduce((sum, wait) => sum + wait, 0) * JITTER;
  return waits + (fault.limit === undefined ? 0 : LIMITS[fault.limit] * 1_000);
}

/** What the mock of a real endpoint can be told to do, in every api mode. */
const CHAOS: readonly (Pick<Fault, "fault" | "gives" | "calls"> & {
  play(endpoint: InferenceDouble): void;
})[] = [
  {
    fault: "aimock drops every request (500)",
    play: (endpoint) => endpoint.chaos({ dropRate: 1 }),
    gives: failed("unavailable"),
    calls: 3,
  },
  {
    fault: "aimock answers malformed JSON",
    play: (endpoint) => endpoint.chaos({ malformedRate: 1 }),
    gives: failed("malformed"),
    calls: 1,
  },
  {
    fault: "aimock disconnects every request",
    play: (endpoint) => endpoint.chaos({ disconnectRate: 1 }),
    gives: failed("unreachable"),
    calls: 3,
  },
  {
    fault: "aimock cuts one stream, then answers",
    play(endpoint) {
      endpoint.answer("The word is out.");
      endpoint.cutNext(1, 2);
    },
    gives: answered,
    calls: 2,
  },
];

let world: World;
let faulty: RawEndpoint[];
let moved: RawEndpoint;
let elsewhere: RawEndpoint;
beforeAll(async () => {
  faulty = await Promise.all(CASES.map(() => startRawEndpoint()));
  [moved, elsewhere] = await Promise.all([startRawEndpoint(), startRawEndpoint()]);
  const { first_token, idle, total } = LIMITS;
  const limits = `timeouts: { first_token: ${first_token}, idle: ${idle}, total: ${total} }`;
  const route = ({ id }: { id: number }, url: string, more: string) =>
    `    - { match: { user_id: "${id}" }, base_url: "${url}", api_key: "\${FAULTY_KEY}", ${more} }`;
  const routes = (url: (name: string) => string) => `
model:
  default: claude-opus-5
  provider: custom
  base_url: ${NOBODY}
  routes:
${CASES.map(({ person, index }) => route(person, faulty[index]?.url ?? "", limits)).join("\n")}
${Object.entries(MODES)
  .map(([mode, person]) => route(person, url(mode), `api_mode: ${mode}`))
  .join("\n")}
${route(REDIRECTED, moved.url, "model: moved-model")}
access: { strangers: answer }
`;
  const env = { FAULTY_KEY: KEY };
  world = await startWorld({ endpoints: Object.keys(MODES), routes, env });
});
afterAll(async () => {
  await world?.stop();
  await Promise.all([...(faulty ?? []), moved, elsewhere].map((endpoint) => endpoint?.stop()));
});

/** What the turn's log line says of an outcome. */
function loggedAs(outcome: Outcome): object {
  if (outcome.ok) return { outcome: "ok" };
  const { reason, status, detail } = outcome.error;
  return {
    outcome: reason,
    ...(status !== undefined && { status }),
    ...(detail !== undefined && { detail }),
  };
}

describe("whatever an endpoint does, the user gets one answer or one clear line", () => {
  test.concurrent.each(CASES)("$fault", async ({ index, person, ...fault }) => {
    const { gives, calls } = fault;
    const endpoint = faulty[index];
    if (endpoint === undefined) throw new Error("no endpoint");
    const connections: Promise<void>[] = [];
    const watched =
      (script: Script): Script =>
      (exchange) => {
        connections.push(exchange.closed);
        return script(exchange);
      };
    endpoint.script(...fault.scripts.map(watched));
    const { said, log, ms } = await turn(world, person, PRIVATE);
    expect(said).toMatch(seenBy(gives));
    expect(log).toMatchObject(loggedAs(gives));
    expect(endpoint.requests).toHaveLength(calls);
    expect(ms).toBeGreaterThanOrEqual(leastMs(fault));
    expect(ms).toBeLessThan(leastMs(fault) * 1.4 + SLACK_MS);
    expect(await timeUntil("end of every connection", Promise.all(connections))).toBeLessThan(AT_ONCE_MS);
    // A failed turn is not in the conversation, and nothing comes after it.
    endpoint.script(chatAnswer("fine"));
    expect(await say(world, person, "and now?")).toBe("fine");
    expect(world.telegram.messagesTo(person.id)).toHaveLength(2);
    const history = endpoint.requests.at(-1)?.messages.map(({ role }) => role);
    expect(history).toEqual(gives.ok ? ["user", "assistant", "user"] : ["user"]);
    for (const secret of [KEY, "private word", HALF])
      expect(said + JSON.stringify(log)).not.toContain(secret);
  });

  test.concurrent("a refused connection", async () => {
    const { said, log } = await turn(world, REFUSED, "hello");
    expect(said).toMatch(/^The model's endpoint cannot be reached right now\./);
    expect(log).toMatchObject({ level: "warn", outcome: "unreachable" });
    expect(log.attempts).toMatch(/unreachable x3$/);
  });

  test.each([301, 307, 308])("a redirect to another origin (%i), where nobody comes", async (code) => {
    moved.clear();
    moved.script(({ head }) => head(code, { location: `${elsewhere.url}/chat/completions` }).end());
    const { said, log } = await turn(world, REDIRECTED, "hello");
    expect(said).toMatch(/^The model's endpoint has moved\. Please tell whoever runs this bot\.$/);
    expect(log).toMatchObject({ level: "error", outcome: "redirected", status: code });
    expect(moved.requests).toHaveLength(1);
    expect(elsewhere.requests).toEqual([]);
  });

  test.each(CHAOS)("in every api mode: $fault", async ({ play, gives, calls }) => {
    const ask = async ([mode, person]: [string, { id: number }]) => {
      const endpoint = world.endpoint(mode);
      endpoint.clear();
      play(endpoint);
      const { said, log, ms } = await turn(world, person, "chaos");
      expect({ mode, said, calls: endpoint.requests().length }).toEqual({
        mode,
        said: expect.stringMatching(seenBy(gives)),
        calls,
      });
      expect(log).toMatchObject(loggedAs(gives));
      expect(ms).toBeGreaterThanOrEqual(leastMs({ calls }));
    };
    await Promise.all(Object.entries(MODES).map(ask));
  });
});

test("none of this leaves a secret in the log", () => {
  expect(secretsInLog(world)).toEqual([]);
});
