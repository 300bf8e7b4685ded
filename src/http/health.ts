import routes from "talaria-routes";
import { type Env, missing, variable } from "../env.ts";
import { redact } from "../lib/redact.ts";
import { bears } from "../lib/secret.ts";
import { VERSION } from "../lib/version.ts";
import { PLATFORM_FACTS, PLATFORM_NAMES } from "../message/platforms.ts";
import { findPlatform } from "../platforms/index.ts";
import { ruleBundle } from "../routing/layers.ts";
import { missingSecrets } from "../routing/secrets.ts";
import { registerOf } from "../sessions/register.ts";

/** Says that the gateway runs and what is compiled in; with ADMIN_TOKEN also what is not set up. */
export async function health(request: Request, env: Env): Promise<Response> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") {
    return Response.json({ error: "use GET" }, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const report = { status: "ok", version: VERSION, routes: routes.hash };
  if (!(await bears(request, variable(env, "ADMIN_TOKEN")))) return Response.json(report);
  const platforms = PLATFORM_NAMES.flatMap((name) => {
    const { secrets } = PLATFORM_FACTS[name];
    return secrets.length === 0 ? [] : [{ name, unset: missing(env, secrets) }];
  });
  return Response.json({
    ...report,
    platforms: Object.fromEntries(
      platforms.map(({ name, unset }) => [name, unset.length === 0 && findPlatform(name) ? "on" : "off"]),
    ),
    storage: await storageState(env),
    missing_secrets: [...new Set([...platforms.flatMap(({ unset }) => unset), ...missingFromRoutes(env)])],
  });
}

/** `ok` if KV and an object's storage can be read, else why not. The register only does what its cron trigger would. */
async function storageState(env: Env): Promise<string> {
  try {
    await env.OVERRIDES.get("health");
    await registerOf(env).sweep();
    return "ok";
  } catch (error) {
    return redact(String(error));
  }
}

/** Secrets that routes.yaml names and nobody has set. */
function missingFromRoutes(env: Env): string[] {
  const bundles = [
    routes.base,
    ...(routes.base_fallbacks ?? []),
    ...routes.rules.flatMap(({ set, fallbacks }) => [ruleBundle(routes, set), ...(fallbacks ?? [])]),
    ...Object.values(routes.models).map((set) => ruleBundle(routes, set)),
    ...(routes.transcription ? [routes.transcription] : []),
  ];
  return bundles.flatMap((bundle) => missingSecrets(bundle, env));
}
