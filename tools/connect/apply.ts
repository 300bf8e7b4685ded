import * as z from "zod";
import type { Variables } from "../../src/env.ts";
import { callDiscordAsBot, callTelegram } from "./api.ts";
import { patchHub } from "./hub.ts";
import type { Note, Step } from "./plan.ts";

/** Carries a step out; the note says why it failed, null if it did not. */
export async function apply({ about, text, call }: Step, env: Variables): Promise<Note | null> {
  const failed = (detail: string, todo: string): Note => ({
    about,
    level: "error",
    text: `${text}: ${detail}`,
    todo,
  });
  switch (call.api) {
    case "telegram": {
      const done = await callTelegram(env, call.method, call.params, z.unknown());
      return done.ok ? null : failed(done.error.detail, "repair what Telegram names, and run this again");
    }
    case "discord": {
      const done = await callDiscordAsBot(env, call.method, call.path, z.unknown(), call.body);
      if (done.ok) return null;
      const todo =
        call.method === "PATCH"
          ? "Discord tries the address as it is saved: start or deploy the gateway with these secrets, and run this again; or paste it at https://discord.com/developers/applications"
          : "repair what Discord names, and run this again";
      return failed(done.error.detail, todo);
    }
    case "hub": {
      const done = await patchHub(env, call.path, call.body);
      if (!done.ok) return failed(done.error.detail, "repair what Hub names, and run this again");
      return done.value === null
        ? null
        : failed(done.value, "it is set; start or deploy the gateway, then run npm run doctor");
    }
  }
}
