import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { holdStorage } from "../../../tools/lib/storage-lock.ts";

const folder = (): string => join(mkdtempSync(join(tmpdir(), "talaria-lock-")), "state");
const heldBy = (path: string, content: string) => writeFileSync(join(path, "gateway.json"), content);

test("a folder that a running gateway holds is refused, with its process, address and the cure", () => {
  const path = folder();
  holdStorage(path, "http://127.0.0.1:1")();
  heldBy(path, JSON.stringify({ pid: process.ppid, url: "http://127.0.0.1:8787" }));
  expect(() => holdStorage(path, "http://127.0.0.1:2")).toThrow(
    `Another gateway (process ${process.ppid}, http://127.0.0.1:8787) keeps its storage in ${path}. Stop it, or choose another folder: npm start -- --persist-to FOLDER`,
  );
});

test("one whose gateway was killed, or whose file is broken, is taken", () => {
  const path = folder();
  const { pid } = spawnSync(process.execPath, ["--version"]);
  holdStorage(path, "http://127.0.0.1:1")();
  for (const content of [JSON.stringify({ pid, url: "http://127.0.0.1:8787" }), "{", ""]) {
    heldBy(path, content);
    holdStorage(path, "http://127.0.0.1:2")();
  }
});
