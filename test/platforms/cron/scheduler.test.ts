import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionKey } from "../../../src/message/key.ts";
import type { InboundMessage } from "../../../src/message/message.ts";
import { dueAfter } from "../../../src/platforms/cron/calendar.ts";
import { BERLIN, job, rules, Stage } from "./stage.ts";

let logged: string[];
beforeEach(() => {
  logged = [];
  for (const level of ["info", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => logged.push(String(line)));
  }
});
afterEach(() => void vi.restoreAllMocks());
const loggedOf = (event: string) => logged.filter((line) => JSON.parse(line).event === event);

/** Every time at which a schedule is due between two others. */
function allDue(schedule: string, from: string, to: string): string[] {
  const times: string[] = [];
  let at = dueAfter(schedule, BERLIN, Date.parse(from));
  for (; at !== null && at <= Date.parse(to); at = dueAfter(schedule, BERLIN, at)) {
    times.push(new Date(at).toISOString());
  }
  return times;
}

test("in a year with both changes of the clock every due time is run once, whatever is deployed in between", async () => {
  const [from, to] = ["2026-01-01T00:30:00Z", "2027-01-01T00:00:00Z"];
  const schedules = { days: "0 9 * * 1-5", night: "30 2 * * *", often: "every 6h", month: "15 12 1 * *" };
  const jobs = Object.entries(schedules).map(([name, schedule]) => job(name, schedule));
  const stage = new Stage(from, rules(jobs));
  const taken: string[] = [];
  stage.accept = async ({ delivery_id }) => {
    taken.push(delivery_id);
    return "accepted";
  };
  for (let month = 1; month < 12; month++) {
    await stage.until(Date.UTC(2026, month, 17, 3, 7));
    // Prompts change, a job comes and goes; what stays as it was keeps its times.
    const others = jobs.map((one) => ({ ...one, prompt: `prompt ${month}` }));
    stage.deploy(rules(month % 2 ? [...others, job("guest", "0 0 * * *")] : others));
  }
  await stage.until(to);
  for (const [name, schedule] of Object.entries(schedules)) {
    expect(stage.due(name), name).toEqual(allDue(schedule, from, to));
  }
  expect(new Set(taken).size).toBe(taken.length);
  expect(stage.due("days")).toContain("2026-10-26T08:00:00.000Z");
  expect(loggedOf("runs_skipped")).toEqual([]);
});

test("a run is an ordinary message to a session of the job's own, to be said at home", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("brief", "0 9 * * 1-5", { remember: true })]));
  await stage.until("2026-10-26T08:00:00Z");
  const [run] = stage.handed;
  expect(run && sessionKey(run.source)).toBe("agent:main:cron:dm:brief");
  expect(run).toMatchObject({
    text: "prompt of brief",
    literal: true,
    run: { via: "telegram", remember: true },
    address: { chat_id: 42, message_thread_id: null, reply_to_message_id: null },
  });
});

test.each([
  ["telegram:-1001:7", "telegram", { chat_id: -1001, message_thread_id: 7 }],
  ["discord:123", "discord", { channel_id: "123", received_at: 0 }],
  ["hub:argus", "hub", { peer: "argus" }],
  ["log", "cron", { job: "brief" }],
])("an answer goes to %s", async (deliver, via, address) => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("brief", "every 1h", { deliver })]));
  await stage.until("2026-10-23T13:00:00Z");
  expect(stage.handed).toMatchObject([{ run: { via, home_via: "telegram", home_chat: "42" }, address }]);
});

test("the home that /sethome chose counts where routes.yaml names none; without any, answers go to the log", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("brief", "every 1h")]));
  stage.homes = {};
  stage.deploy();
  await stage.until("2026-10-23T13:00:00Z");
  expect(stage.handed).toMatchObject([{ run: { via: "cron" } }]);
  expect(loggedOf("job_without_home")).toHaveLength(1);
  const home = {
    chat_id: "77",
    chat_type: "group",
    thread_id: "5",
    set_by: "42",
    set_at: "2026-10-23T13:10:00Z",
  };
  stage.kv.values.set("home:discord", JSON.stringify(home));
  await stage.until("2026-10-23T14:00:00Z");
  expect(stage.handed[1]).toMatchObject({ run: { via: "discord" }, address: { channel_id: "5" } });
});

test("a run that was missed by less than the grace is made up once; of many, the newest alone", async () => {
  const stage = new Stage(
    "2026-10-23T12:00:00Z",
    rules([job("brief", "0 * * * *"), job("often", "every 1m")]),
  );
  stage.now = Date.parse("2026-10-23T16:20:00Z");
  await stage.core.check();
  expect(stage.due("brief")).toEqual(["2026-10-23T16:00:00.000Z"]);
  expect(stage.due("often")).toEqual(["2026-10-23T16:20:00.000Z"]);
  expect(loggedOf("runs_skipped")).toHaveLength(2);
});

test("one that was missed by more is skipped, and the log says so", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("brief", "0 * * * *")]));
  stage.now = Date.parse("2026-10-23T16:31:00Z");
  await stage.core.check();
  expect(stage.handed).toEqual([]);
  expect(loggedOf("runs_skipped")).toHaveLength(1);
  await stage.until("2026-10-23T17:00:00Z");
  expect(stage.due("brief")).toEqual(["2026-10-23T17:00:00.000Z"]);
});

test("a run that the object's end interrupted is handed over by the next one, and counts once", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("brief", "0 * * * *")]));
  stage.accept = () => new Promise(() => {});
  stage.now = Date.parse("2026-10-23T13:00:00Z");
  void stage.core.alarm();
  stage.accept = async () => "accepted";
  stage.deploy();
  await stage.until("2026-10-23T13:05:00Z");
  expect(stage.due("brief")).toEqual(["2026-10-23T13:00:00.000Z"]);
  stage.deploy();
  await stage.until("2026-10-23T13:50:00Z");
  expect(stage.due("brief")).toHaveLength(1);
});

test("a session that cannot be reached is tried again; the others do not wait for it", async () => {
  const jobs = [job("broken", "0 * * * *"), job("well", "0 * * * *")];
  const stage = new Stage("2026-10-23T12:00:00Z", rules(jobs));
  let fails = true;
  stage.accept = async ({ source }) => {
    if (fails && source.chat_id === "broken") throw new Error("storage is unavailable");
    return "accepted";
  };
  stage.now = Date.parse("2026-10-23T13:00:00Z");
  await stage.core.alarm();
  expect(stage.due("well")).toHaveLength(1);
  expect(stage.due("broken")).toEqual([]);
  fails = false;
  await stage.until("2026-10-23T13:01:00Z");
  expect(stage.due("broken")).toEqual(["2026-10-23T13:00:00.000Z"]);
});

test("a changed schedule counts from the deploy on; a job that is gone does not run any more", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("a", "0 * * * *"), job("b", "0 * * * *")]));
  await stage.core.check();
  stage.deploy(rules([job("a", "30 * * * *")]));
  await stage.until("2026-10-23T13:00:00Z");
  expect(stage.due("a")).toEqual(["2026-10-23T12:30:00.000Z"]);
  expect(stage.due("b")).toEqual([]);
});

test("what was missed while another version was deployed is made up", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("a", "0 * * * *")]));
  await stage.core.check();
  stage.now = Date.parse("2026-10-23T13:10:00Z");
  stage.deploy(rules([job("a", "0 * * * *", { prompt: "another" })]));
  await stage.core.check();
  expect(stage.due("a")).toEqual(["2026-10-23T13:00:00.000Z"]);
});

test("an alarm that was lost is made up for by the trigger", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("a", "0 * * * *")]));
  await stage.core.check();
  stage.alarm_at = null;
  stage.now = Date.parse("2026-10-23T13:02:00Z");
  await stage.core.check();
  expect(stage.due("a")).toEqual(["2026-10-23T13:00:00.000Z"]);
});

test("a job is run, paused and resumed by hand", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([job("a", "0 * * * *")]));
  await stage.core.pauseJob("a", true);
  expect(await stage.core.jobs()).toMatchObject([{ name: "a", paused: true, last_at: null }]);
  await stage.until("2026-10-23T15:30:00Z");
  expect(stage.due("a")).toEqual([]);
  await stage.core.runJob("a");
  await stage.until("2026-10-23T15:31:00Z");
  expect(stage.due("a")).toEqual(["2026-10-23T15:30:00.000Z"]);
  await stage.core.pauseJob("a", false);
  await stage.until("2026-10-23T16:00:00Z");
  expect(stage.due("a")).toEqual(["2026-10-23T15:30:00.000Z", "2026-10-23T16:00:00.000Z"]);
});

const asked: InboundMessage = {
  delivery_id: "telegram:1:1",
  source: { platform: "telegram", chat_type: "group", chat_id: "-5", user_id: "42", thread_id: "7" },
  text: "/remind in 20m tea",
  address: { chat_id: -5, message_thread_id: 7, reply_to_message_id: 3 },
  received_at: 0,
};

test("a reminder is a single run in the chat that asked for it, however late", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([]));
  const at = Date.parse("2026-10-23T12:20:00Z");
  const id = await stage.core.remind(asked, at, "tea");
  const session = sessionKey(asked.source);
  expect(await stage.core.reminders(session)).toEqual([{ id, at, text: "tea" }]);
  stage.deploy();
  stage.now = Date.parse("2026-10-25T12:00:00Z");
  await stage.core.check();
  await stage.until("2026-10-26T12:00:00Z");
  expect(stage.handed).toMatchObject([
    {
      text: "tea",
      source: { platform: "cron", chat_id: `remind:${session}` },
      run: { via: "telegram", reminder: true },
      address: { chat_id: -5, message_thread_id: 7, reply_to_message_id: null },
    },
  ]);
  expect(await stage.core.reminders(session)).toEqual([]);
});

test("a reminder can be cancelled, by its own chat alone", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([]));
  const id = await stage.core.remind(asked, stage.now + 60_000, "tea");
  expect(await stage.core.cancelReminder("agent:main:telegram:dm:1", Number(id))).toBe(false);
  expect(await stage.core.cancelReminder(sessionKey(asked.source), Number(id))).toBe(true);
  await stage.until("2026-10-24T12:00:00Z");
  expect(stage.handed).toEqual([]);
});

test("where nothing can be said later there is no reminder", async () => {
  const stage = new Stage("2026-10-23T12:00:00Z", rules([]));
  stage.reaches = () => false;
  expect(await stage.core.remind(asked, stage.now + 60_000, "tea")).toBe("unreachable");
  stage.reaches = () => true;
  const guest = { ...asked, source: { ...asked.source, chat_type: "guest" as const } };
  expect(await stage.core.remind(guest, stage.now + 60_000, "tea")).toBe("unreachable");
});

test("two jobs that are due at once in one chat are told apart by the end of their ids", async () => {
  const jobs = [job("send-weather-report", "0 * * * *"), job("make-weather-report", "0 * * * *")];
  const stage = new Stage("2026-10-23T12:00:00Z", rules(jobs));
  await stage.until("2026-10-23T13:00:00Z");
  expect(new Set(stage.handed.map(({ delivery_id }) => delivery_id.slice(-20))).size).toBe(2);
});
