import { describe, expect, test } from "vitest";
import type { Env } from "../../src/env.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import type { PlatformName } from "../../src/message/platforms.ts";
import { envWith } from "../support/setup.ts";
import { COMMAND, PLATFORM } from "./additions.ts";
import { grown, message, toolsOf } from "./setup.ts";

// What varies is a row, what is added is a file: nothing else of the sources is touched.
const copy = grown(PLATFORM, COMMAND);
const { check, compile } = await toolsOf(copy);
const { routeMessage } = await copy.load<typeof import("../../src/routing/route.ts")>("src/routing/route.ts");
const sms = "sms" as PlatformName;

describe("a platform", () => {
  test("is checked, and its owner is known by its own kind of id", () => {
    const rest = "model: { default: m, provider: echo, routes: [{ match: { platform: sms }, model: n }] }";
    expect(check(`${rest}\nowners: { sms: ["+49"] }`)).toEqual([]);
    expect(check(`${rest}\nowners: { sms: [me] }`)).toEqual([
      '"me" is not an id: sms identifies people and chats by numbers such as +4930',
    ]);
    expect(check("model: { default: m, provider: echo, platforms: { smms: n } }")).toEqual([
      'unknown platform "smms"; did you mean "sms"?',
    ]);
  });

  test("is routed, without what means nothing on it", () => {
    const routes = compile(`
model:
  default: m
  provider: echo
  routes:
    - { match: { platform: sms, thread_id: "1" }, model: threaded }
    - { match: { platform: sms, source_kind: owner }, model: mine }
owners: { sms: ["+49"] }
`);
    const found = routeMessage(message({ platform: sms, user_id: "+49", thread_id: "1" }), null, routes, {});
    expect(found.bundle.model).toBe("mine");
  });

  test("receives and answers", async () => {
    const { app } = await copy.load<typeof import("../../src/http/app.ts")>("src/http/app.ts");
    const { deliveryOf } =
      await copy.load<typeof import("../../src/platforms/index.ts")>("src/platforms/index.ts");
    const fetchFrom = (path: string, env: Env, init: RequestInit) =>
      app.fetch(new Request(`https://gateway.example${path}`, init), env, { waitUntil: () => {} });
    const accepted: InboundMessage[] = [];
    const SESSIONS = { getByName: () => ({ accept: async (each: InboundMessage) => accepted.push(each) }) };
    const post = (signature: string, env = envWith({ SMS_TOKEN: "t", ADMIN_TOKEN: "a" }, { SESSIONS })) =>
      fetchFrom("/webhooks/sms", env, {
        method: "POST",
        body: '"Hi"',
        headers: { "x-signature": signature },
      });
    expect((await post("wrong")).status).toBe(401);
    expect((await post("right", envWith({}))).status).toBe(404);
    expect(await (await post("right")).json()).toBe("accepted");
    expect(accepted).toMatchObject([{ text: "Hi", source: { platform: "sms" } }]);
    expect(deliveryOf(message({ platform: sms })).split("x")).toEqual(["x"]);
    const health = await fetchFrom("/health", envWith({ SMS_TOKEN: "t", ADMIN_TOKEN: "a" }), {
      headers: { authorization: "Bearer a" },
    });
    expect(await health.json()).toMatchObject({ platforms: { sms: "on", telegram: "off" } });
  });
});

describe("a chat command", () => {
  test("is found, listed and offered, and access may name it", async () => {
    const commands = await copy.load<typeof import("../../src/commands/index.ts")>("src/commands/index.ts");
    expect(commands.findCommand("roll")?.name).toBe("dice");
    const discord = await copy.load<typeof import("../../src/platforms/discord/commands.ts")>(
      "src/platforms/discord/commands.ts",
    );
    expect(discord.COMMANDS).toContainEqual(
      expect.objectContaining({
        name: "dice",
        options: [expect.objectContaining({ name: "sides", autocomplete: true })],
      }),
    );
    expect(check("model: { default: m, provider: echo }\naccess: { commands: { dice: [owner] } }")).toEqual(
      [],
    );
  });

  test("without a name behind it, is for this bot in a Telegram group", async () => {
    const { addressed } = await copy.load<typeof import("../../src/platforms/telegram/addressing.ts")>(
      "src/platforms/telegram/addressing.ts",
    );
    const said = (text: string) => ({
      message_id: 1,
      chat: { id: -1, type: "group" },
      text,
      entities: [{ type: "bot_command", offset: 0, length: text.length }],
    });
    expect(addressed(said("/dice"), { id: 1, username: "bot" })?.to).toBe("us");
    expect(addressed(said("/mice"), { id: 1, username: "bot" })?.to).toBe("another");
  });
});
