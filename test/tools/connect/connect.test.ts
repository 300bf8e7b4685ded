import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { discordCommands } from "../../../tools/connect/discord.ts";
import type { Guide } from "../../../tools/connect/guide.ts";
import { loadText } from "../../../tools/routes/load.ts";
import { envLines, OWN_ROUTES, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage.stop());

const levels = (out: string) => out.split("\n").map((line) => line.split(/ {2,}/)[0]);

test("tokens alone become a connected gateway, and a second run changes nothing", async () => {
  const { cast, gateway } = stage;
  stage.write("routes.local.yaml", OWN_ROUTES);
  stage.write(".dev.vars", `# kept\n${envLines(stage.tokens)}`);
  const first = await stage.run();
  // Discord tries the endpoint as it is saved, and the gateway does not have the new secrets yet.
  expect(first.ok).toBe(false);
  expect(first.out).toMatch(/^error .*Discord: interactions endpoint.*start or deploy the gateway/m);
  expect(stage.read(".dev.vars")).toContain("# kept\nTELEGRAM_API_BASE=");
  expect(stage.read(".dev.vars")).toMatch(/^TELEGRAM_WEBHOOK_SECRET=[\w-]{43}$/m);
  expect(stage.read(".dev.vars")).toMatch(/^ADMIN_TOKEN=[\w-]{43}$/m);
  expect(stage.read(".dev.vars")).toContain(`DISCORD_PUBLIC_KEY=${cast.env.DISCORD_PUBLIC_KEY}`);
  if (process.platform !== "win32")
    expect(statSync(join(stage.folder, ".dev.vars")).mode & 0o777).toBe(0o600);

  stage.restart();
  const second = await stage.run();
  expect(second.out).toMatch(/^changed .*interactions endpoint/m);
  expect(second.ok).toBe(true);
  const { webhook, commands } = cast.telegram.registration;
  expect(webhook).toMatchObject({
    url: `${gateway.url}/webhooks/telegram`,
    max_connections: 100,
    allowed_updates: [
      "message",
      "guest_message",
      "edited_message",
      "callback_query",
      "stopped_message_generation",
    ],
    secret_token: gateway.env.TELEGRAM_WEBHOOK_SECRET,
  });
  expect([...commands.keys()]).toEqual([
    '{"type":"default"}',
    '{"type":"all_private_chats"}',
    '{"type":"all_group_chats"}',
    '{"type":"chat","chat_id":42}',
  ]);
  const { compiled } = loadText(stage.read("routes.local.yaml"), "routes.local.yaml");
  expect(cast.discord.callsOf("put_commands").map(({ body }) => body.list)).toEqual([
    discordCommands(compiled ?? {}),
  ]);
  expect(cast.discord.application.interactions_endpoint_url).toBe(`${gateway.url}/webhooks/discord`);
  const analytics = await (await fetch(`${cast.env.HUB_BASE_URL}/hub/analytics`)).json();
  expect(analytics).toMatchObject({
    delivery_status: expect.arrayContaining([
      {
        agent_id: "talaria",
        callback_url: `${gateway.url}/webhooks/hub`,
        callback_verified: true,
        callback_error: null,
      },
    ]),
  });

  const calls = cast.telegram.calls.length;
  const third = await stage.run();
  expect(third.ok).toBe(true);
  expect(third.out).toMatch(/^Nothing was changed\.$/m);
  const next = `Write to @talaria_test_bot on Telegram, or ${cast.discord.application.name} on Discord now.`;
  expect(new Set(levels(third.out))).toEqual(new Set(["ok", "Nothing was changed.", next]));
  expect(third.out.split("\n").at(-1)).toBe(next);
  expect(first.out).not.toContain("write to @");
  gateway.hash = "0".repeat(12);
  expect((await stage.run()).out.split("\n").at(-1)).toMatch(
    /^Next: npm start -- --port \d+, then write to @talaria_test_bot on Telegram, or /,
  );
  expect(cast.telegram.calls.slice(calls).filter(({ method }) => /^(set|delete)/.test(method))).toEqual([]);
  expect(cast.discord.callsOf("patch_application")).toHaveLength(2);
  for (const { out } of [first, second, third]) {
    for (const [name, value] of Object.entries(gateway.env)) {
      if (/TOKEN|SECRET/.test(name)) expect(out, name).not.toContain(value);
    }
  }
});

test("--dry-run says what it would change, and changes nothing", async () => {
  stage.write("routes.local.yaml", OWN_ROUTES);
  stage.write(".dev.vars", envLines(stage.tokens));
  const before = stage.read(".dev.vars");
  const { out } = await stage.run(["--dry-run"]);
  expect(out).toMatch(/^would change .*TELEGRAM_WEBHOOK_SECRET/m);
  expect(out).toMatch(/^would change .*webhook: .*\(was: none\)/m);
  expect(out).toMatch(/^\d+ changes would be made/m);
  expect(stage.read(".dev.vars")).toBe(before);
  const asked = new Set(stage.cast.telegram.calls.map(({ method }) => method));
  expect(asked).toEqual(new Set(["getMe", "getWebhookInfo", "getMyCommands"]));
  expect(stage.cast.discord.callsOf("put_commands")).toEqual([]);
  expect(stage.cast.discord.callsOf("patch_application")).toEqual([]);
});

test("tokens may come from the environment, routes and owners from flags", async () => {
  const { TELEGRAM_BOT_TOKEN = "", TELEGRAM_API_BASE = "" } = stage.tokens;
  const env = { TELEGRAM_BOT_TOKEN, TELEGRAM_API_BASE, INFERENCE_KEY: "sk-1", UNRELATED: "x" };
  const { ok, out } = await stage.run(
    ["--model", "m-1", "--base-url", "https://llm.example/v1", "--owner", "telegram:4242"],
    { env },
  );
  expect(out).toMatch(/^changed .*routes.local.yaml: m-1 at https:\/\/llm.example\/v1/m);
  expect(ok).toBe(true);
  expect(stage.read(".dev.vars")).toMatch(/^INFERENCE_KEY=sk-1$/m);
  expect(stage.read(".dev.vars")).not.toContain("UNRELATED");
  const routes = stage.read("routes.local.yaml");
  expect(routes).toContain('owners: { telegram: [ "4242" ] }');
  expect(routes).toContain("api_key: ${INFERENCE_KEY}");
  expect(routes).not.toContain("sk-1");
});

test("what is missing is one error line each", async () => {
  expect(await stage.run()).toMatchObject({
    ok: false,
    out: expect.stringMatching(/^error .*no platform's token/),
  });
  stage.write(".dev.vars", "HUB_AGENT_ID=talaria\n");
  stage.write("routes.local.yaml", "model: { default: m, provider: openai, api_key: '${OPENAI_KEY}' }\n");
  const { ok, out } = await stage.run();
  expect(ok).toBe(false);
  expect(out).toMatch(/^error .*HUB_BASE_URL is not set → /m);
  expect(out).toMatch(/^error .*HUB_AGENT_SECRET is not set → /m);
  expect(out).toMatch(/^error .*OPENAI_KEY, which routes.local.yaml names, is not set → /m);
});

test("a gateway of this machine is no address for the real platforms", async () => {
  const { TELEGRAM_BOT_TOKEN = "" } = stage.tokens;
  stage.write(".dev.vars", envLines({ TELEGRAM_BOT_TOKEN, TELEGRAM_API_BASE: "http://telegram.invalid" }));
  const { out } = await stage.run();
  expect(out).toMatch(/^error .*Telegram: it cannot be asked/m);
});

test("a deployed Worker gets what it lacks, and never an address of a double", async () => {
  const set: Record<string, string>[] = [];
  const worker = {
    names: async () => new Set(set.flatMap((values) => Object.keys(values))),
    set: async (values: Readonly<Record<string, string>>) => {
      set.push({ ...values });
      stage.gateway.env = { ...stage.gateway.env, ...values };
    },
  };
  stage.write("routes.local.yaml", OWN_ROUTES);
  stage.write(".dev.vars", envLines(stage.tokens));
  const first = await stage.run(["--deployed"], { worker });
  expect(first.out).toMatch(/^changed .*TELEGRAM_BOT_TOKEN.* of the Worker/m);
  expect(Object.keys(set[0] ?? {})).not.toContain("TELEGRAM_API_BASE");
  expect(Object.keys(set[0] ?? {})).not.toContain("DISCORD_API_BASE");
  expect(Object.keys(set[0] ?? {})).toEqual(
    expect.arrayContaining(["ADMIN_TOKEN", "TELEGRAM_WEBHOOK_SECRET"]),
  );
  expect(first.ok).toBe(true);
  expect((await stage.run(["--deployed"], { worker })).out).toMatch(/^Nothing was changed/m);
  // A value cannot be read back, but tried.
  stage.gateway.env = { ...stage.gateway.env, TELEGRAM_WEBHOOK_SECRET: "another" };
  expect((await stage.run(["--deployed"], { worker })).out).toMatch(
    /^changed .*: TELEGRAM_WEBHOOK_SECRET of the Worker/m,
  );
  expect((await stage.run(["--deployed"])).out).toMatch(/^error .*not logged in.*npx wrangler login/m);
});

test("a person deploys before the Worker gets its secrets, and may say no to the rest", async () => {
  const told: string[] = [];
  const guide: Guide = {
    ask: async ({ known, unset }) => {
      told.push(`names unset: ${unset}, knows ${Object.keys(known).length} values`);
      const { TELEGRAM_BOT_TOKEN = "" } = stage.tokens;
      return { url: stage.gateway.url, deployed: true, values: { TELEGRAM_BOT_TOKEN }, model: ECHO };
    },
    findOwner: async () => "4711",
    awaitGateway: async ({ command, admin_token }) => void told.push(`${command}, ${admin_token}`),
    confirm: async (steps) => {
      told.push(`${steps.length} steps`);
      return false;
    },
  };
  const worker = {
    names: async () => new Set<string>(),
    set: async (values: Readonly<Record<string, string>>) => {
      told.push(Object.keys(values).join(" "));
      stage.gateway.env = values;
    },
  };
  const { TELEGRAM_API_BASE = "" } = stage.tokens;
  const { ok, out } = await stage.run([], { guide, worker, env: { TELEGRAM_API_BASE } });
  expect(told).toEqual([
    "names unset: null, knows 1 values",
    "npm run deploy, undefined",
    "TELEGRAM_BOT_TOKEN TELEGRAM_WEBHOOK_SECRET ADMIN_TOKEN",
    "5 steps",
  ]);
  expect(ok).toBe(true);
  expect(out).not.toMatch(/^changed .*webhook/m);
  expect(out).not.toMatch(/write to @/i);
  expect(stage.cast.telegram.registration.webhook).toEqual({ url: "" });
  expect(stage.read("routes.local.yaml")).toContain('owners: { telegram: [ "4711" ] }');
});

const ECHO = { provider: "echo", base_url: null, model: "m", key_name: null };

test("without leave to read the Discord application the endpoint is to be pasted", async () => {
  const { cast, tokens } = stage;
  stage.write("routes.local.yaml", OWN_ROUTES);
  const { DISCORD_API_BASE = "", DISCORD_BOT_TOKEN = "" } = tokens;
  const { DISCORD_APPLICATION_ID = "", DISCORD_PUBLIC_KEY = "" } = cast.env;
  const keys = { DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY, DISCORD_API_BASE };
  stage.write(".dev.vars", envLines(keys));
  const byHand = await stage.run();
  expect(byHand.out).toMatch(
    /^to do .*DISCORD_BOT_TOKEN is not set.* or paste http.*\/webhooks\/discord as Interactions/m,
  );
  stage.write(".dev.vars", envLines({ ...keys, DISCORD_BOT_TOKEN }));
  cast.discord.faults.fail("get_application", { kind: "unknown_webhook" }, 5);
  const { ok, out } = await stage.run();
  expect(ok).toBe(true);
  expect(out).toMatch(/^changed .*Discord: commands: /m);
  expect(out).toMatch(/^to do .*neither read nor set → paste http/m);
});

test("privacy mode is held against what groups: expects", async () => {
  stage.write(".dev.vars", envLines(stage.tokens));
  stage.write("routes.local.yaml", `${OWN_ROUTES}groups: { listen: true }\n`);
  expect((await stage.run()).out).toMatch(
    /^to do .*not what groups: expects \(listen\) → @BotFather, \/setprivacy/m,
  );
  stage.cast.telegram.registration.hears_groups = true;
  expect((await stage.run()).out).toMatch(/^ok .*privacy mode is off/m);
});

test("an owner who never wrote to the bot is something to do", async () => {
  stage.write(".dev.vars", envLines(stage.tokens));
  stage.write("routes.local.yaml", OWN_ROUTES);
  stage.cast.telegram.registration.unknown_chats.add(42);
  expect((await stage.run()).out).toMatch(/^to do .*no commands for owner 42.* → write to the bot/m);
});
