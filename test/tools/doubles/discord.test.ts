import { createPublicKey, verify } from "node:crypto";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DiscordDouble, startDiscord } from "../../../tools/doubles/discord.ts";
import { type LocalServer, serveApp } from "../../../tools/lib/serve.ts";

let discord: DiscordDouble;
let gateway: LocalServer;
let authentic: boolean[] = [];
const where = { user_id: "77", channel_id: "900", guild_id: "800" };

beforeAll(async () => {
  discord = await startDiscord();
  const raw = Buffer.from(discord.env.DISCORD_PUBLIC_KEY ?? "", "hex");
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") },
    format: "jwk",
  });
  const app = new Hono().post("/webhooks/discord", async (c) => {
    const signed = Buffer.from(`${c.req.header("x-signature-timestamp")}${await c.req.text()}`);
    const signature = Buffer.from(c.req.header("x-signature-ed25519") ?? "", "hex");
    authentic.push(verify(null, signed, key, signature));
    return c.json({ type: 5 });
  });
  gateway = await serveApp(app);
});
afterAll(async () => {
  await gateway.close();
  await discord.stop();
});

const rest = async (method: string, path: string, body: object, authorization?: string) => {
  const response = await fetch(discord.url + path, {
    method,
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as unknown };
};

test("signs what it posts, unless it is told to tamper", async () => {
  authentic = [];
  for (const tamper of [undefined, "signature", "body", "timestamp", "unsigned"] as const) {
    const interaction = discord.interactions.command(where, "ask", { prompt: "?" });
    await discord.interact(gateway.url, interaction, tamper ? { tamper } : {});
  }
  expect(authentic).toEqual([true, false, false, false, false]);
});

test("knows an interaction's token only once it was answered, and until it expires", async () => {
  const interaction = discord.interactions.command(where, "ask", { prompt: "?" });
  const original = `/webhooks/1/${interaction.token}/messages/@original`;
  expect(await rest("PATCH", original, { content: "early" })).toMatchObject({
    status: 404,
    body: { code: 10015 },
  });
  await discord.interact(gateway.url, interaction);
  expect(await rest("PATCH", original, { content: "answer" })).toMatchObject({ status: 200 });
  expect(await rest("POST", `/webhooks/1/${interaction.token}`, { content: "more" })).toMatchObject({
    status: 200,
  });
  expect(discord.messagesUnder(interaction).map(({ content }) => content)).toEqual(["answer", "more"]);
  discord.expire(interaction);
  expect(await rest("PATCH", original, { content: "late" })).toMatchObject({
    status: 401,
    body: { code: 50027 },
  });
});

test("a nonce that is enforced makes one message, and the bot token is needed", async () => {
  const bot = `Bot ${discord.env.DISCORD_BOT_TOKEN}`;
  const body = { content: "once", nonce: "n1", enforce_nonce: true };
  expect(await rest("POST", "/channels/5/messages", body)).toMatchObject({ status: 401 });
  const first = await rest("POST", "/channels/5/messages", body, bot);
  const second = await rest("POST", "/channels/5/messages", body, bot);
  expect(second).toEqual(first);
  expect(discord.messagesIn("5")).toHaveLength(1);
});

test("refuses what is too long, and unknown paths", async () => {
  const bot = `Bot ${discord.env.DISCORD_BOT_TOKEN}`;
  const long = { content: "x".repeat(2001) };
  expect(await rest("POST", "/channels/6/messages", long, bot)).toMatchObject({
    status: 400,
    body: { code: 50035 },
  });
  expect(await rest("POST", "/nowhere", {})).toMatchObject({ status: 404 });
});
