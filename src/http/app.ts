import type { Env } from "../env.ts";
import { log } from "../lib/log.ts";
import { health } from "./health.ts";
import { type Background, receiveWebhook } from "./webhooks.ts";

const WEBHOOK = /^\/webhooks\/([^/]+)$/;

/** The HTTP surface: two paths, for which a router would be a tenth of the Worker. */
export const app = {
  async fetch(request: Request, env: Env, background: Background): Promise<Response> {
    const { pathname } = new URL(request.url);
    try {
      const platform = WEBHOOK.exec(pathname)?.[1];
      if (platform !== undefined) return await receiveWebhook({ platform, request, env, background });
      if (pathname === "/health") return await health(request, env);
      return Response.json({ error: "not found" }, { status: 404 });
    } catch (error) {
      log("error", "unhandled", { path: pathname, detail: String(error) });
      return Response.json({ error: "internal error" }, { status: 500 });
    }
  },
};
