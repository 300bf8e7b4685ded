import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { discordCommands } from "../../../tools/connect/discord.ts";
import { readDoctor } from "../../../tools/connect/options.ts";
import { examine } from "../../../tools/doctor/doctor.ts";
import { line } from "../../../tools/doctor/finding.ts";
import { serve } from "../../../tools/lib/serve.ts";
import { loadText } from "../../../tools/routes/load.ts";
import { type InferenceDouble, startInference } from "../../support/inference.ts";
import { envLines, type Stage, startStage } from "../connect/stage.ts";

const SHIPPED = readFileSync(join(import.meta.dirname, "../fixtures/shipped.yaml"), "utf8");
/** The same with a model of one's own. */
const OWN = `${SHIPPED.replaceAll("echo-base", "echo-of-ann").replace("strangers: ignore", "strangers: answer").replace("hub_peers: ignore", "hub_peers: answer")}owners: { telegram: ["42"] }
`;
const KEY = "sk-of-this-test-0123456789";

let model: InferenceDouble;
beforeAll(async () => {
  model = await startInference();
});
afterAll(() => model.stop());

let stage: Stage;
let values: Record<string, string>;
beforeEach(async () => {
  stage = await startStage();
  model.clear();
  values = { ...stage.cast.env, ADMIN_TOKEN: "admin-token-of-this-test" };
  stage.write("routes.local.yaml", OWN);
  settle();
  expect(await stage.run()).toMatchObject({ ok: true });
  // Without the owner of the Discord application, whom connect has added.
  stage.write("routes.local.yaml", OWN);
});
afterEach(() => stage.stop());

/** Writes the secrets, and has the gateway started with them. */
function settle(): void {
  stage.write(".dev.vars", envLines(values));
  stage.restart();
}

/** Runs the doctor; gives its lines but those that say ok. */
async function doctor(url = stage.gateway.url): Promise<string[]> {
  const options = readDoctor(["--url", url], {}, stage.folder);
  if (options === null) throw new Error("asked for its usage");
  const lines = (await examine(options, {}, stage.folder)).map(line);
  for (const [name, value] of Object.entries(values)) {
    if (/TOKEN|SECRET|KEY$/.test(name) && name !== "DISCORD_PUBLIC_KEY") {
      for (const text of lines) expect(text, name).not.toContain(value);
    }
  }
  for (const text of lines) expect(text).toMatch(/^(ok {7}|(warning|error {2}) {2}.* → .)/);
  return lines.filter((text) => !text.startsWith("ok"));
}

const error = (text: RegExp | string) => expect.stringMatching(new RegExp(`^error .*${source(text)}`));
const warning = (text: RegExp | string) => expect.stringMatching(new RegExp(`^warning .*${source(text)}`));
const source = (text: RegExp | string) => (typeof text === "string" ? text : text.source);

const routesWith = (base_url: string) =>
  `model: { default: m, provider: custom, base_url: "${base_url}", api_key: "\${MODEL_KEY}" }
owners: { telegram: ["42"], discord: ["7"] }
`;

test("a gateway in good health has nothing but ok lines", async () => {
  expect(await doctor()).toEqual([]);
});

test("the demo's routes", async () => {
  stage.write("routes.local.yaml", SHIPPED);
  settle();
  expect(await doctor()).toEqual(
    expect.arrayContaining([
      warning(/the demo's routes are active \(routes.local.yaml\): they name no owner, /),
      warning(/nobody is answered on Telegram: routes.local.yaml names no owner there/),
      warning(/nobody is answered on Discord: routes.local.yaml names no owner there/),
    ]),
  );
});

test("no secrets", async () => {
  values = {};
  settle();
  expect(await doctor()).toEqual([
    error(/no platform's token is set → npm run connect/),
    warning(/ADMIN_TOKEN is not set/),
  ]);
});

test("a token that was revoked", async () => {
  values.TELEGRAM_BOT_TOKEN = "7001002003:revoked-revoked-revoked-revoked";
  settle();
  expect(await doctor()).toEqual([error(/Telegram: it refuses what is set \(getMe: 401.* → .*@BotFather/)]);
});

test("a token that is another in the environment", async () => {
  const options = readDoctor(["--url", stage.gateway.url], {}, stage.folder);
  if (options === null) throw new Error("asked for its usage");
  const lines = (await examine(options, { TELEGRAM_BOT_TOKEN: "1:another" }, stage.folder)).map(line);
  expect(lines.filter((text) => !text.startsWith("ok"))).toEqual([
    warning(/TELEGRAM_BOT_TOKEN is another in the environment than in .dev.vars, and the file's is used → /),
  ]);
});

test("a webhook that another gateway has taken", async () => {
  stage.cast.telegram.registration.webhook = { url: "https://old.example/webhooks/telegram" };
  expect(await doctor()).toEqual([
    error(/webhook should be .*, is https:\/\/old.example.* → npm run connect -- --url /),
  ]);
});

test("a webhook that is not told of edits", async () => {
  const { registration } = stage.cast.telegram;
  registration.webhook = { ...registration.webhook, allowed_updates: ["message"] };
  expect(await doctor()).toEqual([error(/allowed updates were: message\)/)]);
});

test("deliveries that fail, and updates that wait", async () => {
  Object.assign(stage.cast.telegram.registration.deliveries, {
    pending_update_count: 3,
    last_error_date: Math.floor(Date.now() / 1_000) - 60,
    last_error_message: "Connection timed out",
  });
  expect(await doctor()).toEqual([warning(/3 updates wait/), warning(/failed at 20.*Connection timed out/)]);
});

test("a gateway that was started with other secrets", async () => {
  stage.gateway.env = { ...values, TELEGRAM_WEBHOOK_SECRET: "another", DISCORD_PUBLIC_KEY: "" };
  expect(await doctor()).toEqual([
    error(/it has Discord off: DISCORD_PUBLIC_KEY is not set there/),
    error(/it refuses TELEGRAM_WEBHOOK_SECRET as it is set here/),
    error(/its webhook for Discord is off/),
  ]);
});

test("commands that an earlier version registered", async () => {
  const { telegram, discord } = stage.cast;
  await fetch(`${telegram.url}/bot${values.TELEGRAM_BOT_TOKEN}/setMyCommands`, {
    method: "POST",
    body: JSON.stringify({ commands: [{ command: "old", description: "Old" }], scope: { type: "default" } }),
  });
  await fetch(`${discord.url}/applications/${discord.application.id}/commands`, {
    method: "PUT",
    headers: { authorization: `Bot ${values.DISCORD_BOT_TOKEN}` },
    body: JSON.stringify(
      discordCommands(loadText(OWN, "own.yaml").compiled ?? {}).map((command) =>
        command.name === "ask" ? { ...command, description: "Old" } : command,
      ),
    ),
  });
  expect(await doctor()).toEqual([
    warning(/Telegram: commands for everywhere should be \d+, is 1 → npm run connect/),
    warning(/Discord: commands should be (\d+), is \1, others → npm run connect/),
  ]);
});

test("privacy mode where the groups are to be listened to", async () => {
  stage.write("routes.local.yaml", `${OWN}\ngroups: { listen: true }\n`);
  expect(await doctor()).toEqual([
    warning(/not what groups: expects \(listen\) → @BotFather, \/setprivacy/),
    warning(/it runs the routes \w{12}, and routes.local.yaml compiles to \w{12}/),
  ]);
});

test("a routes file with an error", async () => {
  stage.write("routes.local.yaml", "model: { default: m, provider: echo }\nowner: { telegram: ['42'] }\n");
  expect(await doctor()).toEqual([error(/routes.local.yaml:2:1 .*owners.* → repair it/)]);
});

test("a secret that the routes name and nobody has set", async () => {
  stage.write("routes.local.yaml", routesWith(model.url));
  expect(await doctor()).toEqual(
    expect.arrayContaining([
      error(/MODEL_KEY, which routes.local.yaml names, is not set/),
      error(/m at http.* was not tried: MODEL_KEY is not set/),
    ]),
  );
});

test("a model that refuses its key, beside one that answers one token", async () => {
  values.MODEL_KEY = KEY;
  settle();
  stage.write("routes.local.yaml", routesWith(model.url));
  expect((await doctor()).filter((text) => text.includes("model:"))).toEqual([]);
  expect(model.requests().at(-1)).toMatchObject({ model: "m", key: KEY, body: { max_tokens: 1 } });
  model.failNext(1, 401);
  expect(await doctor()).toEqual(
    expect.arrayContaining([error(/m at http.* does not answer \(unauthorized: /)]),
  );
});

test("a gateway that does not run", async () => {
  expect(await doctor("http://127.0.0.1:9")).toEqual(
    expect.arrayContaining([
      error(
        /gateway: none at http:\/\/127.0.0.1:9 \(no connection\) → see that this is the gateway's address/,
      ),
    ]),
  );
  const options = readDoctor([], { PORT: "9" }, stage.folder);
  if (options === null) throw new Error("asked for its usage");
  expect((await examine(options, {}, stage.folder)).map(line)).toContainEqual(
    error(/gateway: none at http:\/\/127.0.0.1:9 \(no connection\) → npm start/),
  );
});

test("a gateway of another version, with a clock of its own", async () => {
  const old = await serve(async (_, response) => {
    response.sendDate = false;
    response.setHeader("date", new Date(Date.now() - 20 * 60_000).toUTCString());
    response.end(JSON.stringify({ status: "ok", version: "0.0.1", routes: "0".repeat(12) }));
  });
  expect(await doctor(old.url)).toEqual(
    expect.arrayContaining([
      warning(/it runs version 0\.0\.1/),
      error(/another ADMIN_TOKEN/),
      error(/the gateway is 1[12]\d\d s behind this machine/),
    ]),
  );
  await old.close();
});

test("a gateway that cannot read what it has stored", async () => {
  const storage = "Error: no such namespace";
  const platforms = { telegram: "on" };
  const health = { status: "ok", version: "0.1.0", routes: "0".repeat(12), platforms, storage };
  const blind = await serve(async (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(health));
  });
  try {
    expect(await doctor(blind.url)).toContainEqual(error(/storage: .*cannot read KV.*no such namespace/));
  } finally {
    await blind.close();
  }
});

test("a Discord application without an endpoint, and with the key of another", async () => {
  stage.cast.discord.application.interactions_endpoint_url = null;
  values.DISCORD_PUBLIC_KEY = "ab".repeat(32);
  settle();
  expect(await doctor()).toEqual([
    error(/DISCORD_PUBLIC_KEY is of another application than DISCORD_BOT_TOKEN → set it to /),
    error(/interactions endpoint should be http.*, is none → npm run connect/),
  ]);
});

test("a Hub agent with another secret, and a callback that nobody reaches", async () => {
  values.HUB_WEBHOOK_TOKEN = "noise";
  settle();
  expect(await doctor()).toEqual([
    error(/callback should be .*, is .*, with another token → npm run connect/),
  ]);
  values.HUB_AGENT_SECRET = "wrong-wrong-wrong";
  settle();
  expect(await doctor()).toEqual([error(/Hub: it refuses what is set \(.*403.* → set HUB_BASE_URL/)]);
});

test("nobody whom the bot would answer", async () => {
  stage.write("routes.local.yaml", "model: { default: m, provider: echo }\n");
  const lines = await doctor();
  expect(lines).toEqual(
    expect.arrayContaining([
      warning(/nobody is answered on Telegram/),
      warning(/nobody is answered on Discord/),
    ]),
  );
});
