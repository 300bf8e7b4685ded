import type { Bundle } from "../../src/routing/types.ts";
import type { Report } from "./endpoint.ts";
import type { RoutesFile } from "./schema.ts";

/** Finds where `memory` could never note anything: notes are taken by the model block's own model. */
export function checkMemory({ memory }: RoutesFile, base: Bundle, report: Report): void {
  if (!memory) return;
  if (base.provider === "echo") {
    const why = "the model block's model takes the notes, and echo only repeats";
    report("warning", ["memory"], `memory has no effect: ${why}`, "key");
  } else if (base.conversation === "endpoint") {
    const why = "the model block's endpoint takes the notes, and holds the conversation itself";
    report("warning", ["memory"], `memory has no effect: ${why}`, "key");
  }
}
