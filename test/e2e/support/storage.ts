import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the local KV holds, read from its files: key → value. */
export function readKv(storage: string): Record<string, string> {
  const directory = join(storage, "v3/kv");
  const found: Record<string, string> = {};
  for (const file of databases(join(directory, "miniflare-KVNamespaceObject"))) {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare("SELECT key, blob_id FROM _mf_entries").all();
    database.close();
    for (const { key, blob_id } of rows) {
      found[String(key)] = readFileSync(join(directory, "OVERRIDES/blobs", String(blob_id)), "utf8");
    }
  }
  return found;
}

/** The Durable Objects that have storage, by class and id. */
export function storedObjects(storage: string): string[] {
  const directory = join(storage, "v3/do");
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => databases(join(directory, name)));
}

function databases(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
    .map((name) => join(directory, name));
}
