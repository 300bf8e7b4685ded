import { sends } from "../../src/routing/providers.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { ownerIdOf } from "../lib/owner-ids.ts";
import { checkCron } from "./cron-lint.ts";
import type { Path } from "./document.ts";
import { type DraftRoute, modelBlock } from "./draft.ts";
import { checkEndpoint, checkFallbackKey, checkInheritedKey, type Report } from "./endpoint.ts";
import { some, transcriptionOf } from "./fields.ts";
import { checkGroups } from "./groups.ts";
import { quote } from "./issues.ts";
import { checkPlatform } from "./matches.ts";
import { checkMemory } from "./memory.ts";
import { checkPrices, checkSplits } from "./mentions.ts";
import { lintReach } from "./reach.ts";
import type { Action, ModelBlock, RoutesFile } from "./schema.ts";
import { checkSessions } from "./sessions.ts";

/** Finds what a valid file does not mean as it is written, above all what Hermes would skip without a word. */
export function lint(file: RoutesFile, base: Bundle, routes: readonly DraftRoute[], report: Report): void {
  const block = modelBlock(file);
  const inFile: Path = ["model"];
  checkEndpoint(block, base, inFile, report);
  checkBase(block, base, report);
  checkFallbacks(block, base, inFile, report);
  checkShorthands(block, report);
  for (const { path, block: action } of routes) {
    // Only a route's name means something here.
    const { name: _, ...endpoint } = action;
    checkEndpoint(endpoint, base, path, report);
    checkInheritedKey(action, base, path, report);
    checkFallbacks(action, base, path, report);
    checkPrompt(action, path, report);
  }
  checkModels(file, base, report);
  checkSplits(file, base, routes, report);
  checkPrices(file, base, routes, report);
  checkPeople(file, report);
  checkGroups(file, report);
  checkMemory(file, base, report);
  checkTranscription(file, report);
  checkSessions(file, base.context, report);
  checkCron(file, base, report, Date.now());
  lintReach(file, base, routes, report);
}

/** An endpoint that holds the conversation is sent the new message and nothing before it. */
function checkPrompt(action: Action, path: Path, report: Report): void {
  if (action.conversation !== "endpoint" || some(action.system_prompt) === undefined) return;
  const message = "an endpoint that holds the conversation is sent no system prompt: this one has no effect";
  report("warning", [...path, "system_prompt"], message, "key");
}

function checkTranscription(file: RoutesFile, report: Report): void {
  const bundle = transcriptionOf(file);
  if (!file.transcription || !bundle) return;
  const path: Path = ["transcription"];
  checkEndpoint(file.transcription, bundle, path, report);
  if (bundle.model === "") report("error", path, "transcription names no model");
  if (bundle.base_url === null && sends(bundle.provider)) {
    report("error", path, "transcription needs a base_url, or another provider");
  }
}

function checkBase(block: ModelBlock, base: Bundle, report: Report): void {
  const [first, second] = [some(block.default), some(block.model)];
  if (base.model === "") {
    report("error", ["model"], "the model block names no model: it needs a `default`");
  } else if (first !== undefined && second !== undefined && String(first) !== String(second)) {
    report("warning", ["model", "model"], "`default` is given too, and wins over `model`", "key");
  }
  if (base.base_url === null && sends(base.provider)) {
    report(
      "warning",
      ["model", "provider"],
      `provider ${base.provider} needs a base_url: as it is, there is nowhere to send to`,
    );
  }
}

function checkFallbacks(block: Pick<Action, "fallbacks">, base: Bundle, path: Path, report: Report): void {
  some(block.fallbacks)?.forEach((fallback, index) => {
    checkEndpoint(fallback, base, [...path, "fallbacks", index], report);
    checkFallbackKey(fallback, base, [...path, "fallbacks", index], report);
  });
}

/** Shorthand entries that Hermes skips, or reads in a way that surprises. */
function checkShorthands(block: ModelBlock, report: Report): void {
  for (const list of ["platforms", "by_source"] as const) {
    for (const [name, written] of Object.entries(block[list] ?? {})) {
      const path = ["model", list, name];
      const entry = some(written);
      if (entry === undefined || (typeof entry === "object" && Object.keys(entry).length === 0)) {
        report("warning", path, `${list}.${name} is empty and has no effect`, "key");
      } else if (typeof entry !== "object") {
        if (list === "platforms") checkPlatform(name, path, "key", report);
        else report("warning", path, `by_source takes objects, not names: write {model: ${String(entry)}}`);
      } else if (entry.match !== undefined) {
        report(
          "warning",
          [...path, "match"],
          `this match replaces the one that ${list}.${name} makes`,
          "key",
        );
      } else if (list === "platforms") checkPlatform(name, path, "key", report);
    }
  }
}

function checkModels(file: RoutesFile, base: Bundle, report: Report): void {
  for (const [name, entry] of Object.entries(file.models ?? {})) {
    const path = ["models", name];
    if (name.toLowerCase() === "reset") {
      report("error", path, "`/model reset` undoes a choice, so no model can be called reset", "key");
    }
    if (typeof entry !== "object") continue;
    checkEndpoint(entry, base, path, report);
    checkInheritedKey(entry, base, path, report);
  }
}

/** Ids that could never make anyone an owner, or let anyone in. */
function checkPeople(file: RoutesFile, report: Report): void {
  const lists = { owners: file.owners, homes: file.homes, allowed: file.access?.allowed };
  for (const [list, people] of Object.entries(lists)) {
    for (const [platform, written] of Object.entries(people ?? {})) {
      const path = list === "allowed" ? ["access", list, platform] : [list, platform];
      checkPlatform(platform, path, "key", report);
      const owner_id = ownerIdOf(platform);
      if (typeof owner_id === "string") {
        report("warning", path, `${list} of ${platform} have no effect: ${owner_id}`, "key");
      } else if (owner_id !== undefined) {
        (Array.isArray(written) ? written : [written]).forEach((id, index) => {
          if (owner_id.pattern.test(String(id))) return;
          report(
            "warning",
            Array.isArray(written) ? [...path, index] : path,
            `${quote(String(id))} is not an id: ${platform} identifies people and chats ${owner_id.in_words}`,
          );
        });
      }
    }
  }
}
