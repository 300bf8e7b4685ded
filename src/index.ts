import type { Env } from "./env.ts";
import { app } from "./http/app.ts";
import { log } from "./lib/log.ts";
import { isOn, PLATFORMS } from "./platforms/index.ts";

export { HubInbox } from "./platforms/hub/inbox.ts";
export { Session } from "./sessions/session.ts";

export default {
  fetch: app.fetch,
  /** Runs every minute (wrangler.toml): each platform that is on looks for messages that no webhook brought. */
  async scheduled(_controller, env) {
    const sweeps = PLATFORMS.filter((platform) => platform.sweep && isOn(platform, env)).map(
      async (platform) => {
        try {
          await platform.sweep?.(env);
        } catch (error) {
          log("error", "sweep_failed", { platform: platform.name, detail: String(error) });
        }
      },
    );
    await Promise.all(sweeps);
  },
} satisfies ExportedHandler<Env>;
