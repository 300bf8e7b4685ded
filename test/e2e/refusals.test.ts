import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_TOKEN, AGENT, startWorld, type World } from "./support/world.ts";

const TOO_LONG = "x".repeat(1024 * 1024 + 1);

const routes = (url: (name: string) => string) => `
model: { default: base-model, provider: custom, base_url: "${url("base")}" }
owners: { telegram: ["42"] }
access: { strangers: ignore, hub_peers: answer }
`;

const asAdmin = { authorization: `Bearer ${ADMIN_TOKEN}` };

let world: World;
beforeAll(async () => {
  world = await startWorld({
    endpoints: ["base"],
    routes,
    env: { HUB_WEBHOOK_TOKEN: "noise-filter-token" },
  });
});
afterAll(() => world?.stop());

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  world.gateway.fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });

/**
 * Posts a body that the gateway refuses before it has read all of it. Its connection ends with that: a further
 * request on it might be lost.
 */
const postTooLong = (path: string, headers: Record<string, string> = {}) =>
  post(path, TOO_LONG, { ...headers, connection: "close" });

/** Posts without a Content-Length: the gateway has to count for itself. */
function postInPieces(path: string, body: string, headers: Record<string, string>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sending = request(
      world.gateway.url + path,
      { method: "POST", headers, agent: false },
      async (answer) => {
        const pieces: Buffer[] = [];
        for await (const piece of answer) pieces.push(piece);
        const type = { "content-type": answer.headers["content-type"] ?? "" };
        resolve(new Response(Buffer.concat(pieces), { status: answer.statusCode ?? 0, headers: type }));
      },
    );
    sending.once("error", reject);
    sending.write(body.slice(0, 100));
    sending.end(body.slice(100));
  });
}

/** A refusal as docs/contract.md, "HTTP", describes it. */
async function expectRefusal(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toContain("application/json");
  const body = await response.json();
  expect(body).toEqual({ error: expect.any(String) });
  const text = JSON.stringify(body);
  for (const secret of Object.values(world.env)) expect(text).not.toContain(secret);
}

/** Everything that a refused request must leave as it was. */
const traces = async () => ({
  called: world.endpoint("base").requests().length,
  sentToTelegram: world.telegram.callsOf("sendMessage").length,
  sentToDiscord: world.discord.calls.length,
  readFromHub: world.hub.requests.filter(({ method }) => method === "GET").length,
  stored: await world.gateway.storedObjects(),
  kv: await world.gateway.overrides(),
});

describe("what is refused leaves no trace", () => {
  let before: Awaited<ReturnType<typeof traces>>;
  beforeAll(async () => {
    before = await traces();
  });
  afterAll(async () => expect(await traces()).toEqual(before));

  test("unknown paths and platforms are 404", async () => {
    await expectRefusal(await post("/webhooks/slack", "{}"), 404);
    await expectRefusal(await post("/elsewhere", "{}"), 404);
    await expectRefusal(await world.gateway.fetch("/"), 404);
  });

  test.each(["telegram", "discord", "hub"])(
    "%s: another method is 405 and says which is allowed",
    async (name) => {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const response = await world.gateway.fetch(`/webhooks/${name}`, { method });
        expect(response.headers.get("allow")).toBe("POST");
        await expectRefusal(response, 405);
      }
    },
  );

  test("cli: another method is 405 and says which are allowed", async () => {
    for (const method of ["PUT", "DELETE", "OPTIONS"]) {
      const response = await world.gateway.fetch("/webhooks/cli", { method, headers: asAdmin });
      expect(response.headers.get("allow")).toBe("GET, POST");
      await expectRefusal(response, 405);
    }
  });

  test("/health allows GET", async () => {
    const response = await post("/health", "{}");
    expect(response.headers.get("allow")).toContain("GET");
    await expectRefusal(response, 405);
  });

  test("telegram: without the secret, or with a wrong one, 401 before the body is read", async () => {
    const { telegram, gateway } = world;
    const update = telegram.updates.direct({ id: 42 }, "let me in");
    for (const secret of [null, "wrong", `${world.env.TELEGRAM_WEBHOOK_SECRET}x`]) {
      const delivered = await telegram.deliver(gateway.url, update, secret);
      expect(delivered.status).toBe(401);
      expect(JSON.parse(delivered.body)).toEqual({ error: expect.any(String) });
    }
    await expectRefusal(await postTooLong("/webhooks/telegram"), 401);
  });

  test("discord: every kind of forgery is 401", async () => {
    const { discord, gateway } = world;
    const where = { user_id: "77", channel_id: "900", guild_id: "800" };
    for (const tamper of ["signature", "body", "timestamp", "unsigned"] as const) {
      for (const forged of [
        discord.interactions.ping(),
        discord.interactions.command(where, "ask", { prompt: "?" }),
      ]) {
        expect(await discord.interact(gateway.url, forged, { tamper })).toMatchObject({
          status: 401,
          body: { error: expect.any(String) },
        });
      }
    }
    const old = discord.interactions.ping();
    expect(await discord.interact(gateway.url, old, { skewMs: -10 * 60_000 })).toMatchObject({ status: 401 });
  });

  test("hub: without the token of the callback URL 401", async () => {
    const callback = JSON.stringify({ id: "0123456789abcdef", from: "argus", message: "hi" });
    await expectRefusal(await post("/webhooks/hub", callback), 401);
    await expectRefusal(await post("/webhooks/hub?token=wrong", callback), 401);
  });

  test("cli: without the token, with a wrong one, or from a page, 401 before the body is read", async () => {
    const body = JSON.stringify({ session: "s", delivery_id: "1", text: "let me in" });
    const refused = [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Bearer ${ADMIN_TOKEN}x` },
      { authorization: ADMIN_TOKEN },
      { ...asAdmin, origin: "https://page.example" },
      { ...asAdmin, origin: world.gateway.url },
    ];
    for (const headers of refused) {
      const answers = [
        await post("/webhooks/cli", body, headers),
        await postTooLong("/webhooks/cli", headers),
        await world.gateway.fetch("/webhooks/cli?session=s&delivery_id=1", { headers }),
      ];
      for (const answer of answers) {
        expect(answer.headers.get("access-control-allow-origin")).toBe(null);
        await expectRefusal(answer, 401);
      }
    }
  });

  test("a body over 1 MiB is 413, with and without a length said beforehand", async () => {
    const headers = { "x-telegram-bot-api-secret-token": world.env.TELEGRAM_WEBHOOK_SECRET ?? "" };
    await expectRefusal(await postTooLong("/webhooks/telegram", headers), 413);
    await expectRefusal(await postTooLong("/webhooks/hub?token=noise-filter-token"), 413);
    await expectRefusal(await postTooLong("/webhooks/cli", asAdmin), 413);
    const chunked = await postInPieces("/webhooks/telegram", TOO_LONG, headers);
    await expectRefusal(chunked, 413);
  });

  test("not JSON, or not the platform's shape, is 400", async () => {
    const headers = { "x-telegram-bot-api-secret-token": world.env.TELEGRAM_WEBHOOK_SECRET ?? "" };
    for (const body of ["", "{", "[]", '"text"', "null", '{"update_id":"one"}']) {
      await expectRefusal(await post("/webhooks/telegram", body, headers), 400);
    }
    for (const body of ["", "{", "[]", "7"]) {
      await expectRefusal(await post("/webhooks/hub?token=noise-filter-token", body), 400);
    }
    const place = { session: "s", delivery_id: "1" };
    const shapes = [place, { ...place, text: " " }, { ...place, text: 7 }, { text: "no place" }];
    const places = [
      { session: "a/b" },
      { session: "" },
      { session: 1 },
      { delivery_id: "x".repeat(65) },
      { delivery_id: "a:b" },
    ];
    const bad = [...shapes, ...places.map((wrong) => ({ ...place, text: "Hello", ...wrong }))];
    for (const body of ["", "{", "[]", "7", ...bad.map((shape) => JSON.stringify(shape))]) {
      await expectRefusal(await post("/webhooks/cli", body, asAdmin), 400);
    }
    const shapeless = await world.discord.interact(world.gateway.url, { nothing: "known" });
    expect(shapeless).toMatchObject({ status: 400, body: { error: expect.any(String) } });
  });

  test("what this gateway has no use for is 200", async () => {
    const { telegram, gateway, discord } = world;
    const bot = telegram.updates.direct({ id: 99, is_bot: true }, "beep");
    const poll = { update_id: 1, poll: { id: "1", question: "?", options: [] } };
    const stranger = telegram.updates.direct({ id: 5001 }, "hello");
    for (const update of [bot, poll, stranger, telegram.updates.edited({ id: 5001 }, "corrected")]) {
      expect(await telegram.deliver(gateway.url, update)).toMatchObject({ status: 200 });
    }
    const probe = { type: "callback_test", from: "hub", message: "Callback verification test" };
    const health = { probe: "callback-health", source: "brain", ts: "now" };
    for (const body of [probe, health]) {
      const response = await post("/webhooks/hub?token=noise-filter-token", JSON.stringify(body));
      expect(response.status).toBe(200);
    }
    const pong = await discord.interact(gateway.url, discord.interactions.ping());
    expect(pong).toMatchObject({ status: 200, body: { type: 1 } });
    expect(pong.contentType).toContain("application/json");
  });
});

test("platforms without their secrets are off: 404, whatever is presented", async () => {
  const { gateway, telegram, discord } = world;
  await gateway.restart({ TELEGRAM_BOT_TOKEN: "1:half", HUB_AGENT_ID: AGENT });
  const update = telegram.updates.direct({ id: 42 }, "hello");
  expect(await telegram.deliver(gateway.url, update)).toMatchObject({ status: 404 });
  expect(await telegram.deliver(gateway.url, update, "")).toMatchObject({ status: 404 });
  expect(await discord.interact(gateway.url, discord.interactions.ping())).toMatchObject({ status: 404 });
  await expectRefusal(await post("/webhooks/hub", "{}"), 404);
  await expectRefusal(await gateway.fetch("/webhooks/hub"), 404);
  for (const headers of [asAdmin, { authorization: "Bearer " }]) {
    await expectRefusal(await post("/webhooks/cli", "{}", headers), 404);
    await expectRefusal(await gateway.fetch("/webhooks/cli", { headers }), 404);
  }
});
