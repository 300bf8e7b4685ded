import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import * as z from "zod";
import { compileRoutes } from "../tools/lib/gateway.ts";
import { ROOT } from "../tools/lib/wrangler.ts";
import { bundle } from "./bundle.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";
import { BOT_TOKEN, INFERENCE_KEY, TELEGRAM_SECRET } from "./world.ts";

/** What wrangler.toml says that the runtime must know. */
const workerConfig = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
});

/** A Worker under measurement. */
export interface Target {
  readonly name: string;
  readonly main: string;
  /** Binding → class of Durable Objects. */
  readonly objects: { readonly [binding: string]: string };
  readonly kv: readonly string[];
  /** Imports `talaria-routes`. */
  readonly routed: boolean;
}

export const BARE: Target = {
  name: "bare floor",
  main: join(ROOT, "bench/floors/bare.ts"),
  objects: {},
  kv: [],
  routed: false,
};

export const DURABLE: Target = {
  name: "durable floor",
  main: join(ROOT, "bench/floors/durable.ts"),
  objects: { CHATS: "Chat" },
  kv: [],
  routed: false,
};

/** The real Worker, with the bindings that wrangler.toml gives it. */
export function talaria(root = ROOT): Target {
  const config = readConfig(root);
  return {
    name: "Talaria",
    main: join(root, "src/index.ts"),
    objects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name }) => [name, class_name]),
    ),
    kv: config.kv_namespaces.map(({ binding }) => binding),
    routed: true,
  };
}

/** Bundles a target and starts it, in a folder of its own below `parent`; `world` is the doubles' `host:port`. */
export async function startTarget(
  target: Target,
  world: string,
  parent: string,
  workerdArgs: readonly string[] = [],
): Promise<Workerd> {
  const directory = await mkdtemp(join(parent, "worker-"));
  const { compatibility_date, compatibility_flags } = readConfig(ROOT);
  const alias: Record<string, string> = {};
  if (target.routed) {
    alias["talaria-routes"] = join(directory, "routes.js");
    await compileRoutes(join(ROOT, "bench/routes.yaml"), alias["talaria-routes"]);
  }
  const compatibility = { compatibility_date, compatibility_flags };
  const file = await bundle({ main: target.main, ...compatibility, alias }, directory);
  const variables = {
    TELEGRAM_BOT_TOKEN: BOT_TOKEN,
    TELEGRAM_WEBHOOK_SECRET: TELEGRAM_SECRET,
    TELEGRAM_API_BASE: `http://${world}`,
    INFERENCE_BASE_URL: `http://${world}/v1`,
    INFERENCE_KEY,
  };
  const { objects, kv } = target;
  return startWorkerd({ file, ...compatibility, variables, objects, kv, kv_address: world }, workerdArgs);
}

function readConfig(root: string) {
  return workerConfig.parse(unstable_readConfig({ config: join(root, "wrangler.toml") }));
}
