import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseObject } from "./json.ts";

const FILE = "gateway.json";
const holder = z.object({ pid: z.int().positive(), url: z.string() });

/**
 * Takes a storage folder for the gateway at `url`, until the returned function is called: two runtimes on the same
 * storage would each write what the other does not know of.
 * @throws Error with a line for a person, where another gateway has it.
 */
export function holdStorage(folder: string, url: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  const other = readHolder(file);
  if (other !== null && other.pid !== process.pid && isRunning(other.pid)) {
    throw new Error(
      `Another gateway (process ${other.pid}, ${other.url}) keeps its storage in ${folder}. Stop it, or choose another folder: npm start -- --persist-to FOLDER`,
    );
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, url }));
  return () => rmSync(file, { force: true });
}

/** Who wrote the file; null where there is none, or one that nobody can read. */
function readHolder(file: string): z.infer<typeof holder> | null {
  try {
    return holder.parse(parseObject(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

/** Whether a process of this number runs; one of another user's does too. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
