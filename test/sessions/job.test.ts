import { expect, test } from "vitest";
import { jobOf } from "../../src/sessions/job.ts";
import { newExchange } from "../../src/sessions/store/exchange.ts";
import { routesWith } from "../support/setup.ts";

const nameCalled = (platform: "hub" | "telegram", text: string) => {
  const source = { platform, chat_type: "dm", chat_id: "x", user_id: "x" } as const;
  const message = { delivery_id: "1", source, text, address: {}, received_at: 0 };
  return jobOf(newExchange(1, message), "session", routesWith()).call?.name ?? null;
};

test("a peer's text is a command only by a name that there is; a person's also by one that there is not", () => {
  expect(nameCalled("hub", "/status")).toBe("status");
  expect(nameCalled("hub", "/dance")).toBeNull();
  expect(nameCalled("telegram", "/dance")).toBe("dance");
  expect(nameCalled("telegram", "/etc/hosts")).toBeNull();
});
