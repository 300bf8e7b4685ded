import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import * as z from "zod";
import { bundle } from "../test/support/bundle.ts";
import { compileRoutes, type SetupFiles, setupFiles, writeConfig } from "../tools/lib/setup.ts";
import { ROOT } from "../tools/lib/wrangler.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";
import { BOT_TOKEN, INFERENCE_KEY, TELEGRAM_SECRET } from "./world.ts";

/** A Worker under measurement. */
export interface Target {
  readonly name: string;
  /** Writes its wrangler configuration into a folder and returns the file. */
  configure(directory: string): Promise<string>;
}

/** What a wrangler configuration says that the runtime must know. */
const workerConfig = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  minify: z.optional(z.boolean()),
  keep_names: z.optional(z.boolean()),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
  kv_namespaces: z.array(z.object({ binding: z.string() })),
});

export const BARE = floor("bare floor", "bare.ts", {});
export const DURABLE = floor("durable floor", "durable.ts", { CHATS: "Chat" });
export const ANSWER_FIRST = floor("answer-first floor", "answer-first.ts", { CHATS: "AnswerFirstChat" });

/** The real Worker as wrangler.toml has it, with the routes of bench/routes.yaml. */
export const TALARIA: Target = {
  name: "Talaria",
  async configure(directory) {
    const files = await compiled(directory);
    await writeConfig(files);
    return files.config;
  },
};

/** The code of Talaria's sessions over counted storage, in simulated time (bench/costs). */
export const SESSIONS: Target = {
  name: "sessions",
  async configure(directory) {
    const { routes } = await compiled(directory);
    const objects = { CHATS: "Chat", REGISTER: "CountedRegister" };
    return writeBenchConfig(directory, "costs/worker.ts", objects, { "talaria-routes": routes });
  },
};

/** A Worker of bench/floors. */
function floor(name: string, main: string, objects: { readonly [binding: string]: string }): Target {
  return { name, configure: (directory) => writeBenchConfig(directory, `floors/${main}`, objects) };
}

/** Compiles bench/routes.yaml. */
async function compiled(directory: string): Promise<SetupFiles> {
  const files = setupFiles(directory);
  const { ok, findings } = await compileRoutes(join(ROOT, "bench/routes.yaml"), files.routes);
  if (!ok) throw new Error(`bench/routes.yaml does not compile:\n${findings}`);
  return files;
}

/** Configures a Worker of bench/ that is built and run with Talaria's settings; `objects`: binding → class. */
async function writeBenchConfig(
  directory: string,
  main: string,
  objects: { readonly [binding: string]: string },
  alias: { readonly [module: string]: string } = {},
): Promise<string> {
  const { compatibility_date, compatibility_flags, minify, keep_names } = readConfig(
    join(ROOT, "wrangler.toml"),
  );
  const config = {
    name: "bench",
    main: join(ROOT, "bench", main),
    compatibility_date,
    compatibility_flags,
    minify,
    keep_names,
    alias,
    durable_objects: {
      bindings: Object.entries(objects).map(([binding, class_name]) => ({ name: binding, class_name })),
    },
    migrations: [{ tag: "v1", new_sqlite_classes: Object.values(objects) }],
  };
  const file = join(directory, "wrangler.json");
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** Bundles a target and starts it, in a folder of its own below `parent`; `world` is the doubles' `host:port`. */
export async function startTarget(target: Target, world: string, parent: string): Promise<Workerd> {
  const directory = await mkdtemp(join(parent, "worker-"));
  const config = await target.configure(directory);
  const { compatibility_date, compatibility_flags, durable_objects, kv_namespaces } = readConfig(config);
  return startWorkerd({
    file: await bundle(config, join(directory, "out")),
    compatibility_date,
    compatibility_flags,
    variables: {
      TELEGRAM_BOT_TOKEN: BOT_TOKEN,
      TELEGRAM_WEBHOOK_SECRET: TELEGRAM_SECRET,
      TELEGRAM_API_BASE: `http://${world}`,
      INFERENCE_BASE_URL: `http://${world}/v1`,
      INFERENCE_KEY,
    },
    objects: Object.fromEntries(durable_objects.bindings.map(({ name, class_name }) => [name, class_name])),
    kv: kv_namespaces.map(({ binding }) => binding),
    kv_address: world,
  });
}

function readConfig(config: string) {
  return workerConfig.parse(unstable_readConfig({ config }));
}
