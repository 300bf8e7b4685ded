import { relative } from "node:path";
import { findApplication } from "./discord.ts";
import { findHub } from "./hub.ts";
import type { Target } from "./options.ts";
import type { Note } from "./plan.ts";
import { CURES } from "./platforms.ts";
import { KNOWN, type Values } from "./secrets.ts";
import { askBot } from "./telegram.ts";

/** The tokens that can be tried at their platform, and how. */
const TRIALS = {
  TELEGRAM_BOT_TOKEN: { platform: "telegram", about: "Telegram", ask: askBot },
  DISCORD_BOT_TOKEN: { platform: "discord", about: "Discord", ask: findApplication },
  HUB_AGENT_SECRET: { platform: "hub", about: "Hub", ask: findHub },
} as const;

/**
 * Of the tokens that are given, those that their platform refuses (401): once stored they would win over the right
 * ones in the environment. A platform that cannot be asked refuses nothing.
 */
export async function refusedTokens(given: Values, stored: Values): Promise<Map<string, Note>> {
  const refused = new Map<string, Note>();
  for (const [name, { platform, about, ask }] of Object.entries(TRIALS)) {
    if (given[name] === undefined) continue;
    const answer = await ask({ ...stored, ...given });
    if (answer.ok || answer.error.status !== 401) continue;
    const text = `it refuses ${name} (${answer.error.detail}), which is not stored`;
    refused.set(name, { about, level: "error", text, todo: CURES[platform] });
  }
  return refused;
}

/** Secrets, of the platforms and of these names, of which the environment has another value than the files. */
export function overruled(
  env: Readonly<Record<string, string | undefined>>,
  stored: Values,
  names: readonly string[],
  { envFiles }: Pick<Target, "envFiles">,
  root: string,
): (Note & { readonly todo: string })[] {
  const file = envFiles.map((path) => relative(root, path)).join(" and ");
  return [...new Set([...KNOWN, ...names])]
    .filter((name) => env[name] && stored[name] !== undefined && env[name] !== stored[name])
    .map((name) => ({
      about: "secrets",
      level: "to do",
      text: `${name} is another in the environment than in ${file}, and the file's is used`,
      todo: `correct it in ${file}, or unset it in the environment`,
    }));
}
