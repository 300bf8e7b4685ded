import { afterEach, beforeEach, expect, test } from "vitest";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";

let hub: HubDouble;
let secret: string;
beforeEach(async () => {
  hub = await startHub();
  secret = await hub.register("argus");
});
afterEach(() => hub.stop());

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(hub.url + path, init);
  const body: unknown = await response.json();
  return { status: response.status, body };
};
const inbox = (query: string, headers: Record<string, string> = {}) =>
  ask(`/agents/argus/messages${query}`, { headers });

test("takes the secret from the header or the query, and the query wins", async () => {
  const header = { "x-agent-secret": secret };
  expect(await inbox("", header)).toMatchObject({ status: 200, body: { agent_id: "argus", count: 1 } });
  expect(await inbox(`?secret=${secret}`)).toMatchObject({ status: 200 });
  expect(await inbox("?secret=wrong", header)).toMatchObject({ status: 403 });
  expect(await inbox("")).toMatchObject({ status: 403 });
  expect(await ask("/agents/nobody/messages", { headers: header })).toMatchObject({ status: 404 });
});

test("marks read what unread=true returns, unless it is told to peek", async () => {
  const headers = { "x-agent-secret": secret };
  expect(await inbox("?unread=true&mark_read=false", headers)).toMatchObject({ body: { count: 1 } });
  expect(await inbox("", headers)).toMatchObject({ body: { count: 1 } });
  expect(await inbox("?unread=true", headers)).toMatchObject({ body: { count: 1 } });
  expect(await inbox("?unread=true", headers)).toMatchObject({ body: { count: 0 } });
  expect(await inbox("", headers)).toMatchObject({ body: { count: 1 } });
});

test("mark_read=true marks all that it returns", async () => {
  const headers = { "x-agent-secret": secret };
  for (const message of ["one", "two"]) await hub.send({ from: "anyone", to: "argus", message });
  expect(await inbox("?mark_read=true", headers)).toMatchObject({ body: { count: 3 } });
  expect(hub.inbox("argus").map(({ read }) => read)).toEqual([true, true, true]);
});

test("a corrupt inbox answers 500 until it is cleared", async () => {
  hub.corrupt("argus");
  const init = { headers: { "x-agent-secret": secret } };
  expect(await inbox("", init.headers)).toMatchObject({ status: 500 });
  expect(await inbox("/poll?timeout=1", init.headers)).toMatchObject({ status: 500 });
  expect(await ask("/agents/argus/messages/x/read", { ...init, method: "POST" })).toMatchObject({
    status: 500,
  });
  expect(await hub.send({ from: "anyone", to: "argus", message: "hi" })).toMatchObject({ status: 500 });
  expect(await ask("/agents/argus/messages", { ...init, method: "DELETE" })).toMatchObject({ status: 200 });
  expect(await hub.send({ from: "anyone", to: "argus", message: "hi" })).toMatchObject({ status: 200 });
  expect(hub.inbox("argus")).toMatchObject([{ message: "hi" }]);
});

test("anybody may read what lies in two agents' inboxes from each other, the newest first", async () => {
  await hub.register("brisk");
  await hub.send({ from: "brisk", to: "argus", message: "one" });
  await hub.send({ from: "anyone", to: "argus", message: "another conversation" });
  hub.put("brisk", { from: "argus", message: "two", timestamp: "2999-01-01T00:00:00.000000" });
  expect(await ask("/public/conversation/brisk/argus")).toMatchObject({
    body: {
      agents: ["argus", "brisk"],
      message_count: 2,
      messages: [
        { from: "argus", to: "brisk", message: "two" },
        { from: "brisk", to: "argus", message: "one" },
      ],
    },
  });
  expect(await ask("/public/conversation/brisk/nobody")).toMatchObject({ body: { message_count: 0 } });
});

test("one entry is marked by its id; the inbox can be cleared", async () => {
  const init = { method: "POST", headers: { "x-agent-secret": secret } };
  expect(await ask("/agents/argus/messages/welcome-argus/read", { method: "POST" })).toMatchObject({
    status: 403,
  });
  expect(await ask("/agents/argus/messages/welcome-argus/read", init)).toMatchObject({ status: 200 });
  expect(hub.inbox("argus")).toMatchObject([{ read: true }]);
  expect(await ask("/agents/argus/messages/none/read", init)).toMatchObject({ status: 404 });
  await ask("/agents/argus/messages", { ...init, method: "DELETE" });
  expect(hub.inbox("argus")).toEqual([]);
});

test("a long poll marks read, and names the fields differently", async () => {
  const poll = () => inbox(`/poll?timeout=1&secret=${secret}`);
  expect(await poll()).toMatchObject({ body: { count: 1, messages: [{ messageId: "welcome-argus" }] } });
  const waiting = poll();
  await hub.send({ from: "anyone", to: "argus", message: "hi" });
  expect(await waiting).toMatchObject({ body: { messages: [{ from: "anyone", text: "hi" }] } });
});

test("anybody may see who is registered, and every direct message", async () => {
  await hub.send({ from: "anyone", to: "argus", message: "hi" });
  expect(await ask("/agents/argus")).toMatchObject({ status: 200, body: { agent_id: "argus" } });
  expect(await ask("/agents/anyone")).toMatchObject({ status: 404 });
  expect(await ask("/hub/messages")).toMatchObject({
    body: { messages: [{ to: "argus", message: "hi" }] },
  });
});
