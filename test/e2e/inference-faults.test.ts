import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  chatAnswer,
  type RawEndpoint,
  type Script,
  startRawEndpoint,
} from "../../tools/doubles/raw-endpoint.ts";
import { waitFor } from "../../tools/lib/wait.ts";
import { say, timeUntil, turn } from "./support/chat.ts";
import { CHAOS, FAULTS, LIMITS, SLACK_MS } from "./support/inference-faults.ts";
import { secretsInLog } from "./support/leaks.ts";
import { startWorld, type World } from "./support/world.ts";

const MODES = { chat_completions: { id: 9411 }, responses: { id: 9412 }, anthropic_messages: { id: 9413 } };
/** Each fault has a person and an endpoint of its own, so that several can be waited for at once. */
const CASES = FAULTS.map((fault, index) => ({ ...fault, index, person: { id: 9500 + index } }));
const REDIRECTED = { id: 9421 };
const REFUSED = { id: 9422 };
/** An upstream request that nobody waits for any more is gone in this time at most. */
const AT_ONCE_MS = 1_000;

let world: World;
let faulty: RawEndpoint[];
let slow: RawEndpoint;
let moved: RawEndpoint;
let elsewhere: RawEndpoint;
beforeAll(async () => {
  const gone = await startRawEndpoint();
  faulty = await Promise.all(CASES.map(() => startRawEndpoint()));
  [slow, moved, elsewhere] = await Promise.all([startRawEndpoint(), startRawEndpoint(), startRawEndpoint()]);
  await gone.stop();
  const { first_token, idle, total } = LIMITS;
  const limits = `timeouts: { first_token: ${first_token}, idle: ${idle}, total: ${total} }`;
  const route = ({ id }: { id: number }, url: string, more: string) =>
    `    - { match: { user_id: "${id}" }, base_url: "${url}", api_key: "\${FAULTY_KEY}", ${more} }`;
  const routes = (url: (name: string) => string) => `
model:
  default: slow-model
  provider: custom
  base_url: ${slow.url}
  routes:
${CASES.map(({ person, index }) => route(person, faulty[index]?.url ?? "", limits)).join("\n")}
${Object.entries(MODES)
  .map(([mode, person]) => route(person, url(mode), `api_mode: ${mode}`))
  .join("\n")}
${route(REDIRECTED, moved.url, "model: moved-model")}
${route(REFUSED, gone.url, "model: gone-model")}
access: { strangers: answer }
`;
  const env = { FAULTY_KEY: "sk-faulty-0123456789abcdef" };
  world = await startWorld({ endpoints: Object.keys(MODES), routes, env });
});
afterAll(async () => {
  await world?.stop();
  await Promise.all([...(faulty ?? []), slow, moved, elsewhere].map((endpoint) => endpoint?.stop()));
});

describe("whatever an endpoint does, the user gets one answer or one clear line", () => {
  test.concurrent.each(CASES)(
    "$fault",
    async ({ index, scripts, person, sees, outcome, detail, calls, least_ms }) => {
      const endpoint = faulty[index];
      if (endpoint === undefined) throw new Error("no endpoint");
      const connections: Promise<void>[] = [];
      const watched =
        (script: Script): Script =>
        (exchange) => {
          connections.push(exchange.closed);
          return script(exchange);
        };
      endpoint.script(...scripts.map(watched));
      const { said, log, ms } = await turn(world, person, "What is the private word?");
      expect(said).toMatch(sees);
      expect(log.outcome).toBe(outcome);
      if (detail) expect(log.detail).toMatch(detail);
      expect(endpoint.requests).toHaveLength(calls);
      expect(ms).toBeGreaterThanOrEqual(least_ms);
      expect(ms).toBeLessThan(least_ms * 1.4 + SLACK_MS);
      expect(await timeUntil("end of every connection", Promise.all(connections))).toBeLessThan(AT_ONCE_MS);
      // A failed turn is not in the conversation, and nothing comes after it.
      endpoint.script(chatAnswer("fine"));
      expect(await say(world, person, "and now?")).toBe("fine");
      expect(world.telegram.messagesTo(person.id)).toHaveLength(2);
      const history = endpoint.requests.at(-1)?.messages.map(({ role }) => role);
      expect(history).toEqual(outcome === "ok" ? ["user", "assistant", "user"] : ["user"]);
      expect(said + JSON.stringify(log)).not.toMatch(/sk-faulty|private word|Half an ans/);
    },
  );

  test("a refused connection", async () => {
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

  test.each(CHAOS)("in every api mode: $fault", async ({ play, sees, outcome, calls, least_ms }) => {
    const ask = async ([mode, person]: [string, { id: number }]) => {
      const endpoint = world.endpoint(mode);
      endpoint.clear();
      play(endpoint);
      const { said, log, ms } = await turn(world, person, "chaos");
      expect({ mode, said, outcome: log.outcome, calls: endpoint.requests().length }).toEqual({
        mode,
        said: expect.stringMatching(sees),
        outcome,
        calls,
      });
      expect(ms).toBeGreaterThanOrEqual(least_ms);
    };
    await Promise.all(Object.entries(MODES).map(ask));
  });
});

describe("a turn that is stopped ends its request at once", () => {
  const [one, two, three, four, five] = [
    { id: 9431 },
    { id: 9432 },
    { id: 9433 },
    { id: 9434 },
    { id: 9435 },
  ];
  beforeEach(() => {
    slow.clear();
    slow.script(chatAnswer("ok"));
  });

  type Person = { readonly id: number };
  const ask = (person: Person, text = "go") =>
    world.telegram.deliver(world.gateway.url, world.telegram.updates.direct(person, text));
  const texts = (person: Person) => world.telegram.messagesTo(person.id).map(({ text }) => text);

  /** What comes next is answered, and nothing else was said or remembered. */
  async function goesOn(person: Person) {
    slow.script(chatAnswer("next answer"));
    expect(await say(world, person, "next")).toBe("next answer");
    expect(slow.requests.at(-1)?.messages).toEqual([{ role: "user", content: "next" }]);
  }

  test("by /stop, before anything came", async () => {
    const held = slow.hold(() => {});
    await ask(one);
    const { closed } = await held.started;
    const time = timeUntil("end of the upstream request", closed);
    expect(await say(world, one, "/stop")).toBe("Stopped.");
    expect(await time).toBeLessThan(AT_ONCE_MS);
    await goesOn(one);
    expect(texts(one)).toEqual(["Stopped.", "next answer"]);
  });

  test("by the stop button, in the middle of the answer", async () => {
    const held = slow.hold((exchange) => exchange.stream().chunk({ content: "Half an ans" }));
    await ask(two);
    const { closed } = await held.started;
    const time = timeUntil("end of the upstream request", closed);
    expect(await say(world, two, world.telegram.updates.stopped(two))).toBe("Stopped.");
    expect(await time).toBeLessThan(AT_ONCE_MS);
    const line = await world.gateway.waitForLog("stopped turn", ({ outcome }) => outcome === "stopped");
    expect(line.level).toBe("info");
    await goesOn(two);
    expect(texts(two)).toEqual(["Stopped.", "next answer"]);
  });

  test("by /stop, while it waits to ask again", async () => {
    slow.script(({ head }) => head(429, { "retry-after": "15" }).end());
    await ask(three);
    await waitFor("first try", () => slow.requests.length === 1);
    expect(await say(world, three, "/stop")).toBe("Stopped.");
    slow.script(chatAnswer("next answer"));
    const { said, ms } = await turn(world, three, "next");
    expect(said).toBe("next answer");
    expect(ms).toBeLessThan(AT_ONCE_MS);
    expect(slow.requests).toHaveLength(2);
  });

  test("by /new, which begins a new conversation", async () => {
    const held = slow.hold();
    await ask(four);
    const { closed } = await held.started;
    const time = timeUntil("end of the upstream request", closed);
    expect(await say(world, four, "/new")).toMatch(/^New conversation/);
    expect(await time).toBeLessThan(AT_ONCE_MS);
    await goesOn(four);
  });

  test("and no other chat's", async () => {
    const held = slow.hold(
      (exchange) => exchange.stream().chunk({ content: "Slow, " }),
      (exchange) => exchange.chunk({ content: "but whole." }, "stop").end(),
    );
    await ask(five);
    await held.started;
    expect(await say(world, one, "/stop")).toBe("Nothing is running.");
    held.release();
    await world.telegram.waitForMessages(five.id, 1);
    expect(texts(five)).toEqual(["Slow, but whole."]);
  });

  test("on Discord the pending answer says so", async () => {
    const { discord, gateway } = world;
    const where = { user_id: "77", channel_id: "901" };
    const held = slow.hold(() => {});
    const question = discord.interactions.command(where, "ask", { prompt: "go" });
    await discord.interact(gateway.url, question);
    const { closed } = await held.started;
    const time = timeUntil("end of the upstream request", closed);
    const stop = discord.interactions.command(where, "stop");
    await discord.interact(gateway.url, stop);
    expect((await discord.waitForMessages(stop, 1))[0]?.content).toBe("Stopped.");
    expect(await time).toBeLessThan(AT_ONCE_MS);
    expect((await discord.waitForMessages(question, 1))[0]?.content).toBe("Stopped.");
  });
});

test("none of this leaves a secret in the log", () => {
  expect(secretsInLog(world)).toEqual([]);
});
