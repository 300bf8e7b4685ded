import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { isDemo } from "../routes/demo.ts";
import { loadText } from "../routes/load.ts";
import { findApplication, ownerOf } from "./discord.ts";
import type { Guide } from "./guide.ts";
import type { Note } from "./plan.ts";
import { isMeant } from "./platforms.ts";
import type { Report } from "./report.ts";
import {
  type ModelAnswers,
  modelFindings,
  modelProblem,
  newRoutes,
  type Owner,
  withOwners,
  writeRoutes,
} from "./routes-file.ts";
import { routesSecrets, type Values } from "./secrets.ts";

/** A routes file as it is to become. */
export interface RoutesDraft {
  readonly file: string;
  /** As people are told it. */
  readonly name: string;
  /** Null where there is no such file. */
  readonly text: string | null;
  /** Whether it is a person's own, and not the one that every clone has. */
  readonly is_own: boolean;
}

/**
 * The routes file, or a new one of these answers where there is only the shipped one. Whoever reports it writes it.
 * @throws Error if the new one would not compile: it says which answer is at fault.
 */
export function draftRoutes(
  file: string,
  model: ModelAnswers | null,
  root: string,
  report: Report,
): RoutesDraft {
  const is_own = file !== resolve(root, "routes.yaml");
  const draft = { file, name: relative(root, file), text: textOf(file), is_own };
  if (model === null) return draft;
  if (is_own && draft.text !== null) {
    report.note({
      about: "routes",
      level: "ok",
      text: `${draft.name} is there already, and its model stays`,
    });
    return draft;
  }
  const own = is_own ? file : resolve(root, "routes.local.yaml");
  const name = relative(root, own);
  const text = newRoutes(model);
  const problem = modelProblem(model);
  if (problem !== null) throw new Error(`${problem.flag}: ${problem.message}. No ${name} was made.`);
  report.changed("routes", `${name}: ${model.model} at ${model.base_url ?? model.provider}`);
  for (const { flag, level, message } of modelFindings(model)) {
    // An endpoint without a key may be meant.
    if (level !== "warning" || flag !== "--base-url") continue;
    report.note({ about: "routes", level: "to do", text: message, todo: `see ${name}, then npm run check` });
  }
  return { file: own, name, text, is_own: true };
}

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);

export const compiledOf = ({ text, name }: RoutesDraft): CompiledRoutes | null =>
  text === null ? null : loadText(text, name).compiled;

/** The same with the owners that are named, the one of the Discord application, and whoever sends the code. */
export async function addOwners(
  draft: RoutesDraft,
  named: readonly Owner[],
  values: Values,
  guide: Guide | null,
  report: Report,
): Promise<RoutesDraft> {
  const { text, name, is_own } = draft;
  const compiled = compiledOf(draft);
  if (text === null || compiled === null) return draft;
  const owners = [...named];
  const lacks = (platform: string) =>
    is_own && !compiled.owners[platform]?.length && !owners.some((owner) => owner.platform === platform);
  if (values.DISCORD_BOT_TOKEN && lacks("discord")) {
    const application = await findApplication(values);
    const id = application.ok ? ownerOf(application.value) : null;
    if (id !== null) owners.push({ platform: "discord", id });
  }
  if (guide && isMeant("telegram", values) && lacks("telegram")) {
    const id = await guide.findOwner(values);
    if (id !== null) owners.push({ platform: "telegram", id });
  }
  const missing = owners.filter(({ platform, id }) => !compiled.owners[platform]?.includes(id));
  if (missing.length === 0) return draft;
  if (!is_own) {
    const todo = `give --model too, which makes routes.local.yaml, or copy ${name} to it`;
    report.note({
      about: "routes",
      level: "error",
      text: `${name} is the shipped one: no owner is added`,
      todo,
    });
    return draft;
  }
  report.changed(
    "routes",
    `owners in ${name}: ${missing.map(({ platform, id }) => `${platform} ${id}`).join(", ")}`,
  );
  return { ...draft, text: withOwners(text, missing) };
}

/** Writes the file where it is another than before. */
export function settleRoutes({ file, text }: RoutesDraft): void {
  if (text !== null && text !== textOf(file)) writeRoutes(file, text);
}

/** Whether the routes are sound, whose secrets they lack, and whom they leave without an answer. */
export function routesNotes(draft: RoutesDraft, values: Values): Note[] {
  const { name, text } = draft;
  const compiled = compiledOf(draft);
  if (compiled === null) {
    const what = text === null ? `there is no ${name}` : `${name} has errors`;
    return [{ about: "routes", level: "error", text: what, todo: "npm run check" }];
  }
  const notes: Note[] = [{ about: "routes", level: "ok", text: `${name}, ${compiled.hash}` }];
  for (const secret of routesSecrets(compiled)) {
    if (values[secret] !== undefined) continue;
    const text = `${secret}, which ${name} names, is not set`;
    notes.push({ about: "secrets", level: "error", text, todo: "put it into .dev.vars or the environment" });
  }
  return [...notes, ...demoNotes(compiled, name), ...ownersMissing(compiled, values, name)];
}

/** That these are the shipped routes, whose owner is whoever has the demo's id on Telegram; nothing for one's own. */
export function demoNotes(compiled: CompiledRoutes, name: string): (Note & { readonly todo: string })[] {
  if (!isDemo(compiled)) return [];
  const text = `the demo's routes are active (${name}): they name no owner, and only repeat what is written`;
  const todo =
    "npm run connect in a terminal or with --model makes routes.local.yaml, with your model and you as its owner";
  return [{ about: "routes", level: "to do", text, todo }];
}

/** Platforms on which nobody gets an answer. */
export function ownersMissing(
  { access, owners, homes }: CompiledRoutes,
  values: Values,
  name: string,
): (Note & { readonly todo: string })[] {
  if (access.strangers === "answer") return [];
  return (["telegram", "discord"] as const)
    .filter((platform) => isMeant(platform, values) && !owners[platform] && !homes[platform])
    .map((platform) => {
      const { title } = PLATFORM_FACTS[platform];
      const text = `nobody is answered on ${title}: ${name} names no owner there`;
      const todo = `npm run connect in a terminal finds you, or give --owner ${platform}:ID`;
      return { about: "routes", level: "to do", text, todo };
    });
}
