import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { waitFor } from "../../tools/lib/wait.ts";
import { say, sessionOf, untilQuiet } from "./support/chat.ts";
import { startWorld, type World } from "./support/world.ts";

const OWNER = { id: 42 };
const OTHER_CHAT = { id: 77 };
const STRANGER = { id: 5001 };

let world: World;
beforeAll(async () => {
  world = await startWorld({
    endpoints: ["base", "job"],
    env: { BASE_KEY: "key-of-base", JOB_KEY: "key-of-job" },
    routes: (url) => `
model:
  default: base-model
  base_url: ${url("base")}
  api_key: \${BASE_KEY}
  by_source: { cron: { model: cron-model } }
owners: { telegram: ["42"] }
homes: { telegram: "42" }
access: { strangers: answer, commands: { cron: [owner, stranger], remind: [owner, stranger] } }
cron:
  timezone: Europe/Berlin
  jobs:
    - { name: brief, schedule: "0 7 * * 1-5", prompt: What is on today? }
    - { name: elsewhere, schedule: every 2h, prompt: Anything new?, deliver: "telegram:77",
        model: job-model, base_url: "${url("job")}", api_key: "\${JOB_KEY}" }
    - { name: ashore, schedule: every 2h, prompt: Anything?, deliver: "discord:900" }
    - { name: noted, schedule: every 2h, prompt: Note this., deliver: log }
`,
  });
});
afterAll(() => world?.stop());
beforeEach(() => {
  for (const endpoint of Object.values(world.endpoints)) endpoint.clear();
});

const texts = ({ id }: { readonly id: number }) => world.telegram.messagesTo(id).map(({ text }) => text);
/** What a person is told in answer to a command, and what a run says there. */
const told = (text: string) => say(world, OWNER, text);

test("an owner sees the jobs with their next times, in their zone", async () => {
  const lines = (await told("/cron")).split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^brief: next (Mon|Tue|Wed|Thu|Fri) \d{4}-\d\d-\d\d 07:00 Europe\/Berlin$/);
  expect(await say(world, STRANGER, "/cron")).toBe("Only an owner can see the jobs.");
  expect(await say(world, STRANGER, "/remind in 5m tea")).toBe("Only an owner can be reminded.");
});

test("a job's answer comes home, from the model of its route", async () => {
  expect(await told("/cron run brief")).toBe("brief runs now.");
  await waitFor("the answer", () => texts(OWNER).includes("cron-model heard: What is on today?"));
  expect(world.endpoint("base").requests()).toMatchObject([{ model: "cron-model", key: "key-of-base" }]);
});

test("a job's own endpoint, key and place are its own", async () => {
  await told("/cron run elsewhere");
  await waitFor("the answer", () => texts(OTHER_CHAT).includes("job-model heard: Anything new?"));
  expect(world.endpoint("job").requests()).toMatchObject([{ model: "job-model", key: "key-of-job" }]);
  expect(world.endpoint("base").requests()).toEqual([]);
});

test("an answer to Discord is the bot's own message in the channel", async () => {
  await told("/cron run ashore");
  const said = () => world.discord.messagesIn("900");
  await waitFor("the answer", () => said().length > 0);
  expect(said()).toMatchObject([{ content: "cron-model heard: Anything?" }]);
});

test("one for the log is there", async () => {
  await told("/cron run noted");
  const line = await world.gateway.waitForLog("the answer", ({ event }) => event === "job_answer");
  expect(line).toMatchObject({ job: "noted", text: "cron-model heard: Note this." });
});

test("a paused job has no next time until it is resumed", async () => {
  expect(await told("/cron pause brief")).toBe("brief is paused: /cron resume brief goes on.");
  expect(await told("/cron")).toMatch(/^brief: paused/);
  expect(await told("/cron resume brief")).toMatch(/^brief: next .* 07:00 Europe\/Berlin/);
  expect(await told("/cron run breif")).toContain("Did you mean brief?");
});

test("a reminder comes at its time, over a restart of the gateway", async () => {
  const at = new Date(Date.now() + 3_000).toISOString().slice(0, 19);
  expect(await told(`/remind ${at}Z Call Ada`)).toMatch(/^Reminder 1: .* Europe\/Berlin\.$/);
  expect(await told("/remind in 2h Go home")).toMatch(/^Reminder 2: /);
  expect(await told("/remind")).toMatch(/^1: .* Call Ada\n2: .* Go home$/);
  expect(await told("/remind cancel 2")).toBe("Reminder 2 is cancelled.");
  await untilQuiet(world.gateway, sessionOf(OWNER));
  await world.gateway.restart();
  await world.gateway.scheduled();
  await waitFor("the reminder", () =>
    texts(OWNER).some((text) => /heard: \[A reminder .*Call Ada$/s.test(text)),
  );
  expect(await told("/remind")).toMatch(/^No reminders are waiting here\./);
});
