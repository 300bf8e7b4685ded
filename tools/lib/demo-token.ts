import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./wrangler.ts";

const FILE = join(ROOT, ".wrangler/demo-admin-token");

/** The ADMIN_TOKEN of this checkout's demo; null where `npm start` has played none yet. */
export function demoToken(): string | null {
  try {
    return readFileSync(FILE, "utf8") || null;
  } catch {
    return null;
  }
}

/**
 * The same, made where there is none. It opens only gateways that run with it, and those are on this machine: the demo
 * is given it by `npm start`, and no other gateway is. Git ignores the file, and only its owner can read it.
 */
export function makeDemoToken(): string {
  const known = demoToken();
  if (known !== null) return known;
  const token = randomBytes(32).toString("base64url");
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, token, { mode: 0o600 });
  return token;
}
