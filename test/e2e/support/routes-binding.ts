import { env } from "cloudflare:workers";

/** In the place of the compiled routes, so that one bundle serves gateways with different ones. */
export default JSON.parse(String(Reflect.get(env, "ROUTES")));
