import { parseArgs } from "node:util";
import { isLoopback } from "../connect/address.ts";
import { readFlags, targetOf, type Variables } from "../connect/options.ts";
import { readValues } from "../connect/secrets.ts";
import { demoToken } from "../lib/demo-token.ts";

export const CHAT_USAGE = `usage: npm run chat -- [--url URL] [--session NAME] [--once TEXT]
  --url URL             the gateway's address (default http://127.0.0.1:8787; PORT=N changes its port)
  --session NAME        the conversation (default main)
  --once TEXT           prints the answer to TEXT alone, for scripts; what is piped in stands behind TEXT
  --env-file FILE       reads ADMIN_TOKEN from this file (default .dev.vars; the environment's goes first)
  --help                shows this`;

const FLAGS = {
  url: { type: "string" },
  session: { type: "string" },
  once: { type: "string" },
  "env-file": { type: "string" },
  help: { type: "boolean" },
} as const;

export interface ChatOptions {
  readonly url: string;
  readonly token: string;
  readonly session: string;
  /** The only question; null where more may follow. */
  readonly once: string | null;
}

/**
 * What `npm run chat` is asked for; null if for its usage.
 * @throws Error with a line for a person; where there is no token, with how to set one.
 */
export function readChat(args: readonly string[], env: Variables, root: string): ChatOptions | null {
  const given = readFlags("chat", CHAT_USAGE, env, FLAGS, () =>
    parseArgs({ args: [...args], options: FLAGS, allowPositionals: true }),
  );
  if (given.help) return null;
  const { url, envFiles } = targetOf(given, env, root);
  const { session = "main", once = null } = given;
  if (!/^[\w.-]{1,64}$/.test(session)) {
    throw new Error(`--session is ${session}; it must be 1 to 64 letters, digits, "_", "." or "-"`);
  }
  const own = env.ADMIN_TOKEN || readValues(envFiles).ADMIN_TOKEN;
  const token = own ?? (isLoopback(url) ? demoToken() : null);
  if (token === null) throw new Error(`ADMIN_TOKEN is not set: ${cureFor(url)}`);
  return { url, token, session, once };
}

const cureFor = (url: string): string =>
  isLoopback(url)
    ? "npm start sets one for its demo; else put ADMIN_TOKEN=$(openssl rand -hex 32) into .dev.vars and start the gateway again"
    : `npm run connect -- --url ${url} makes one; else npx wrangler secret put ADMIN_TOKEN, and the same in .dev.vars`;
