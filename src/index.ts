import type { Env } from "./env.ts";
import { app } from "./http/app.ts";
import { log } from "./lib/log.ts";
import { isOn, PLATFORMS } from "./platforms/index.ts";
import { isSweepDue, registerOf } from "./sessions/register.ts";

export { Scheduler } from "./platforms/cron/object.ts";
export { HubInbox } from "./platforms/hub/inbox.ts";
export { Memory } from "./sessions/memory/object.ts";
export { SessionRegister } from "./sessions/register-object.ts";
export { Session } from "./sessions/session.ts";

export default {
  fetch: app.fetch,
  /** Every minute: what a platform could not push is looked for, and now and then sessions that lost their alarm. */
  async scheduled({ scheduledTime }, env) {
    const sweeps: { readonly name: string; work(): Promise<void> }[] = PLATFORMS.flatMap((platform) => {
      const { name, sweep } = platform;
      return sweep && isOn(platform, env) ? [{ name, work: () => sweep(env) }] : [];
    });
    if (isSweepDue(scheduledTime)) sweeps.push({ name: "sessions", work: () => registerOf(env).sweep() });
    await Promise.all(
      sweeps.map(({ name, work }) =>
        work().catch((error: unknown) => log("error", "sweep_failed", { of: name, detail: String(error) })),
      ),
    );
  },
} satisfies ExportedHandler<Env>;
