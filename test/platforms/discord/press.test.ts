import { expect, test } from "vitest";
import { delivery } from "../../../src/platforms/discord/delivery.ts";
import { components } from "../../../src/platforms/discord/keyboard.ts";
import { webhook } from "../../../src/platforms/discord/webhook.ts";
import { bind } from "../../../src/platforms/press.ts";
import { BUTTON_INTERACTION, chatCommand, PLACES } from "./fixtures.ts";
import { startDiscord } from "./server.ts";
import { envWith, messageOf, onlyTheUserSees, routesWith } from "./setup.ts";

const IAN = "167348773423415296";
const SESSION = `agent:main:discord:group:${PLACES.guild.channel_id}:${IAN}`;
const KEYBOARD = bind(
  {
    choices: [{ label: "fast", command: "/model fast" }],
    actions: [{ label: "Back", command: "/model reset" }],
  },
  SESSION,
);
const [choice, action] = [KEYBOARD.choices[0]?.data ?? "", KEYBOARD.actions[0]?.data ?? ""];

const parse = (data: object, changes: object = {}, routes = routesWith()) => {
  const pressed = { ...BUTTON_INTERACTION, data, ...changes };
  return webhook.parse(pressed, envWith({}), routes, Date.now());
};

test("a chosen value and a pressed button are their commands, and change the message that holds them", async () => {
  const menu = messageOf(await parse({ component_type: 3, custom_id: "choose", values: [choice] }));
  expect(menu.accepted).toEqual({ type: 6 });
  expect(menu.message).toMatchObject({
    delivery_id: `discord:${BUTTON_INTERACTION.id}`,
    source: { platform: "discord", chat_type: "group", user_id: IAN },
    text: "/model fast",
    address: { token: BUTTON_INTERACTION.token, edits: true, ephemeral: false },
  });
  const button = messageOf(await parse({ component_type: 2, custom_id: action }));
  expect(button.message.text).toBe("/model reset");
  const alone = messageOf(
    await parse({ custom_id: action }, { message: { ...BUTTON_INTERACTION.message, flags: 64 } }),
  );
  expect(alone.message.address).toMatchObject({ ephemeral: true });
});

test("who may not use it is told so, alone", async () => {
  const routes = routesWith({
    access: { strangers: "answer", hub_peers: "answer", commands: {} },
    owners: {},
  });
  expect(await parse({ custom_id: action }, {}, routes)).toEqual(
    onlyTheUserSees(expect.stringContaining("Only the owner")),
  );
  const elsewhere = { channel_id: "1", channel: { type: 0 } };
  expect(await parse({ custom_id: action }, elsewhere)).toEqual(
    onlyTheUserSees(expect.stringContaining("somebody else")),
  );
});

test("the answer carries its buttons, and the answer to a press replaces them", async () => {
  const { address } = messageOf(
    await webhook.parse(chatCommand("guild", "model"), envWith({}), routesWith(), Date.now()),
  ).message;
  const bodies = async (chunk: object, to: object) => {
    await using discord = await startDiscord({ status: 200, body: { id: "1" } });
    const env = envWith({ DISCORD_API_BASE: discord.base });
    await delivery.send({ index: 0, count: 1, text: "Choose:", ...chunk }, { ...address, ...to }, "key", env);
    return discord.seen.map(({ body }) => body);
  };
  const rows = [
    {
      type: 1,
      components: [{ type: 3, custom_id: "choose", options: [{ label: "fast", value: choice }] }],
    },
    { type: 1, components: [{ type: 2, style: 2, label: "Back", custom_id: action }] },
  ];
  expect(await bodies({ keyboard: KEYBOARD }, {})).toMatchObject([{ components: rows }]);
  expect(await bodies({}, { edits: true })).toMatchObject([{ components: [] }]);
  expect((await bodies({}, {}))[0]).not.toHaveProperty("components");
});

test("a button that Discord would refuse is left out, and the message is sent", () => {
  const long = { label: "long", data: "x".repeat(101) };
  const fits = { label: "fits", data: "x".repeat(100) };
  expect(components({ choices: [long, fits], actions: [long] })).toEqual([
    {
      type: 1,
      components: [{ type: 3, custom_id: "choose", options: [{ label: "fits", value: fits.data }] }],
    },
  ]);
});

test("/retry is answered for everybody, as the question was", async () => {
  const retry = messageOf(
    await webhook.parse(chatCommand("guild", "retry"), envWith({}), routesWith(), Date.now()),
  );
  expect(retry.accepted).toEqual({ type: 5 });
});
