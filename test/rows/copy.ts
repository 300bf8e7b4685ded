import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "../..");

/** What somebody writes who adds something: a new file's text, or pieces of a file and what takes their place. */
export interface Addition {
  readonly [file: string]: string | readonly (readonly [piece: string, instead: string])[];
}

/** A copy of src/ and tools/ to which something was added. */
export interface Copy {
  /** One of its modules. */
  load<Module>(file: string): Promise<Module>;
  /** What the type check says; empty if it is content. */
  types(): string;
  remove(): void;
}

/** Copies src/ and tools/ and makes these additions, and no other change. */
export function copyWith(...additions: readonly Addition[]): Copy {
  const root = mkdtempSync(join(tmpdir(), "talaria-copy-"));
  for (const part of ["src", "tools", "tsconfig.json", "package.json"]) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"), "junction");
  for (const [file, change] of additions.flatMap((addition) => Object.entries(addition))) {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof change === "string" ? change : changed(file, path, change));
  }
  return {
    load: (file) => import(pathToFileURL(join(root, file)).href),
    types: () => ["tsconfig.json", "tools/tsconfig.json"].map((project) => check(root, project)).join(""),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function changed(file: string, path: string, pieces: readonly (readonly [string, string])[]): string {
  return pieces.reduce(
    (text, [piece, instead]) => {
      if (text.split(piece).length !== 2) throw new Error(`${file} does not hold this once:\n${piece}`);
      return text.replace(piece, () => instead);
    },
    readFileSync(path, "utf8"),
  );
}

function check(root: string, project: string): string {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", join(root, project)], {
    encoding: "utf8",
  });
  return stdout + stderr;
}
