import { Hono } from "hono/tiny";
import type { Env } from "../env.ts";
import { log } from "../lib/log.ts";
import { health } from "./health.ts";
import { receiveWebhook } from "./webhooks.ts";

/** The HTTP surface. */
export const app = new Hono<{ Bindings: Env }>();

app.all("/webhooks/:platform", receiveWebhook);
app.get("/health", health);
app.all("/health", (context) => context.json({ error: "use GET" }, 405, { allow: "GET, HEAD" }));
app.notFound((context) => context.json({ error: "not found" }, 404));
app.onError((error, context) => {
  log("error", "unhandled", { path: context.req.path, detail: String(error) });
  return context.json({ error: "internal error" }, 500);
});
