import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { withoutSlash } from "../../src/lib/url.ts";
import { findProvider, PROVIDER_NAMES, providerFacts } from "../../src/routing/providers.ts";
import { OWNER_IDS, ownerIdOf } from "../lib/owner-ids.ts";
import { DEV_VARS, defaultFiles, readPort } from "../lib/settings.ts";
import { findRoutesFile } from "../routes/load.ts";
import type { ModelAnswers, Owner } from "./routes-file.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** What the secret of a model's key is called where nobody says otherwise. */
export const DEFAULT_KEY_NAME = "INFERENCE_KEY";

const SHARED = `  --url URL             the gateway's address (default http://127.0.0.1:8787; PORT=N changes its port)
  --env-file FILE       reads the secrets from this file (default .dev.vars)
  --routes FILE         the routes file (or ROUTES_FILE=FILE; default routes.local.yaml, else routes.yaml)
  --help                shows this`;

export const CONNECT_USAGE = `usage: npm run connect -- [--url URL] [--yes] [--dry-run] [--deployed] [--owner PLATFORM:ID …]
  --yes                 asks nothing, and takes every default
  --dry-run             changes nothing, and says what would be changed
  --deployed            the gateway is a deployed Worker: its secrets are set with wrangler (the default for *.workers.dev)
  --owner PLATFORM:ID   adds this owner to the routes file, as telegram:42; may be given again
  --model NAME          makes routes.local.yaml with this model, where there is none; with it
  --provider NAME         its provider (default custom)
  --base-url URL          its endpoint, where the provider has none of its own
  --key-name NAME         the secret that holds its key (default INFERENCE_KEY; "" for an endpoint without a key)
${SHARED}`;

export const DISCONNECT_USAGE = `usage: npm run disconnect -- [--url URL] [--dry-run]
  --dry-run             changes nothing, and says what would be changed
${SHARED}`;

export const DOCTOR_USAGE = `usage: npm run doctor -- [--url URL] [--json]
  --json                prints one JSON object
${SHARED}`;

/** Which gateway a tool works on, and what of this checkout belongs to it. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  /** Whether --url was given. */
  readonly named: boolean;
  /** The files that secrets are read from, later ones winning, and the one that they are written to. */
  readonly envFiles: readonly string[];
  readonly secretsFile: string;
  readonly routesFile: string;
}

export interface ConnectOptions extends Target {
  readonly yes: boolean;
  readonly dryRun: boolean;
  /** Null where it was not said. */
  readonly deployed: boolean | null;
  readonly owners: readonly Owner[];
  /** For a routes file of one's own, where there is none. */
  readonly model: ModelAnswers | null;
}

const FLAGS = {
  url: { type: "string" },
  "env-file": { type: "string" },
  routes: { type: "string" },
  help: { type: "boolean" },
} as const;

const CONNECT_FLAGS = {
  ...FLAGS,
  yes: { type: "boolean" },
  "dry-run": { type: "boolean" },
  deployed: { type: "boolean" },
  owner: { type: "string", multiple: true },
  model: { type: "string" },
  provider: { type: "string" },
  "base-url": { type: "string" },
  "key-name": { type: "string" },
} as const;
const DISCONNECT_FLAGS = { ...FLAGS, "dry-run": { type: "boolean" } } as const;
const DOCTOR_FLAGS = { ...FLAGS, json: { type: "boolean" } } as const;

/**
 * What `npm run connect` is asked for; null if for its usage.
 * @throws Error with a few lines for a person.
 */
export function readConnect(args: readonly string[], env: Variables, root: string): ConnectOptions | null {
  const given = readFlags("connect", CONNECT_USAGE, env, CONNECT_FLAGS, () =>
    parseArgs({
      args: [...args],
      options: CONNECT_FLAGS,
      allowPositionals: true,
    }),
  );
  if (given.help) return null;
  const alone = (["provider", "base-url", "key-name"] as const).find((flag) => given[flag] !== undefined);
  if (given.model === undefined && alone !== undefined) {
    throw new Error(`--${alone} goes with --model NAME, which makes routes.local.yaml`);
  }
  const target = targetOf(given, env, root);
  return {
    ...target,
    yes: given.yes ?? false,
    dryRun: given["dry-run"] ?? false,
    deployed: given.deployed ?? null,
    owners: (given.owner ?? []).map(readOwner),
    model: given.model === undefined ? null : readModel(given.model, given),
  };
}

/** What `npm run disconnect` is asked for; null if for its usage. */
export function readDisconnect(args: readonly string[], env: Variables, root: string) {
  const given = readFlags("disconnect", DISCONNECT_USAGE, env, DISCONNECT_FLAGS, () =>
    parseArgs({ args: [...args], options: DISCONNECT_FLAGS, allowPositionals: true }),
  );
  return given.help ? null : { ...targetOf(given, env, root), dryRun: given["dry-run"] ?? false };
}

/** What `npm run doctor` is asked for; null if for its usage. */
export function readDoctor(args: readonly string[], env: Variables, root: string) {
  const given = readFlags("doctor", DOCTOR_USAGE, env, DOCTOR_FLAGS, () =>
    parseArgs({ args: [...args], options: DOCTOR_FLAGS, allowPositionals: true }),
  );
  return given.help ? null : { ...targetOf(given, env, root), json: given.json ?? false };
}

export const isWorkersDev = (url: string): boolean => new URL(url).hostname.endsWith(".workers.dev");

type Flags = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

export function readFlags<Values extends object>(
  tool: string,
  usage: string,
  env: Variables,
  flags: Flags,
  parse: () => { readonly values: Values; readonly positionals: readonly string[] },
): Values {
  try {
    const { values, positionals } = parse();
    const [word] = positionals;
    const taken = takenByNpm(env, flags, values);
    if (taken !== null) {
      throw new Error(`write npm run ${tool} -- ${taken}: npm took the flag for itself`);
    }
    if (word !== undefined) {
      throw new Error(
        `'${word}' belongs to no flag: write npm run ${tool} -- --FLAG …, else npm takes the flags for itself\n${usage}`,
      );
    }
    return values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(`${error.message}\n${usage}`);
  }
}

/**
 * A flag that stood before `--`, or without one: npm keeps it, and tells it only as a setting of its own; null if
 * there is none. https://docs.npmjs.com/cli/using-npm/config#environment-variables
 */
function takenByNpm(env: Variables, flags: Flags, given: object): string | null {
  for (const [flag, { type }] of Object.entries(flags)) {
    const value = env[`npm_config_${flag.replaceAll("-", "_")}`] ?? "";
    if (flag in given || value === "" || value === "false") continue;
    if (type === "boolean") return `--${flag}`;
    // Of `--url URL` npm keeps the flag alone, of `--url=URL` both.
    return `--${flag} ${value === "true" ? "…" : value}`;
  }
  return null;
}

interface Given {
  readonly url?: string | undefined;
  readonly "env-file"?: string | undefined;
  readonly routes?: string | undefined;
}

export function targetOf(given: Given, env: Variables, root: string): Target {
  const named = given["env-file"];
  if (named !== undefined && !existsSync(resolve(root, named))) {
    throw new Error(`There is no file ${named} (--env-file).`);
  }
  const found = named === undefined ? defaultFiles(root) : [named];
  return {
    url: given.url === undefined ? `http://127.0.0.1:${readPort("PORT", env.PORT)}` : readUrl(given.url),
    named: given.url !== undefined,
    envFiles: found.map((file) => resolve(root, file)),
    // What the gateway reads: with a .dev.vars beside it, it would not read .env.
    secretsFile: resolve(root, found.at(-1) ?? DEV_VARS),
    routesFile: resolve(root, given.routes ?? findRoutesFile(env, root)),
  };
}

/** The address of a gateway, without a path of its own and without a slash at its end. */
export function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw new Error(
      `--url is ${text}; it must be the gateway's address, such as https://talaria.you.workers.dev`,
    );
  }
  return withoutSlash(url.href);
}

interface GivenModel {
  readonly provider?: string | undefined;
  readonly "base-url"?: string | undefined;
  readonly "key-name"?: string | undefined;
}

function readModel(model: string, given: GivenModel): ModelAnswers {
  const name = given.provider ?? "custom";
  const provider = findProvider(name);
  if (provider === undefined) {
    throw new Error(`--provider is ${name}; it must be one of ${PROVIDER_NAMES.join(", ")}`);
  }
  const { base_url, sends } = providerFacts(provider);
  if (sends && base_url === null && given["base-url"] === undefined) {
    throw new Error(`--provider ${provider} needs --base-url, such as https://llm.example/v1`);
  }
  const key_name = sends ? (given["key-name"] ?? DEFAULT_KEY_NAME) : "";
  return { provider, base_url: given["base-url"] ?? null, model, key_name: key_name || null };
}

function readOwner(text: string): Owner {
  const [platform = "", id = "", ...rest] = text.split(":");
  const fact = ownerIdOf(platform);
  const able = Object.entries(OWNER_IDS).filter(([, owner_id]) => typeof owner_id !== "string");
  if (fact === undefined || typeof fact === "string" || !fact.pattern.test(id) || rest.length > 0) {
    const names = able.map(([name]) => `${name}:ID`).join(" or ");
    throw new Error(`--owner is ${text}; it must be ${names}, the id as a number`);
  }
  return { platform, id };
}
