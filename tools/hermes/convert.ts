import { REASONING_LEVELS } from "../../src/routing/settings.ts";
import { isObject } from "../lib/json.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { cronOf } from "./jobs.ts";
import type { Notes } from "./notes.ts";
import { peopleOf, settings } from "./people.ts";
import { listRest } from "./rest.ts";
import { routesOf } from "./routes.ts";
import { compressionOf, sessionsOf } from "./sessions.ts";
import { type Block, block, type HermesSource, list, text } from "./source.ts";
import { transcriptionOf } from "./transcription.ts";

const MAX_PERSONALITY = 20_000;

/** A Hermes set-up as the content of a routes file; what does not fit is noted. */
export function convert(source: HermesSource, notes: Notes): Record<string, unknown> {
  const { config, env } = source;
  const written: Block = isObject(config.model) ? config.model : { default: config.model };
  const { model, ...base } = endpointOf(written, source, notes, true);
  const routes = routesOf(source, notes);
  const fallbacks = fallbacksOf(source, notes);
  const models = modelsOf(source, written, notes);
  const personalities = personalitiesOf(config, notes);
  const prompt = text(block(config, "agent").system_prompt);
  if (model === undefined) notes.left("the model", "the config names none; set model.default");
  platformSecrets(env, notes);
  listRest(source, notes);
  return {
    model: {
      default: model ?? "unnamed",
      ...base,
      ...reasoningOf(config),
      ...(fallbacks.length > 0 && { fallbacks }),
      ...(routes.length > 0 && { routes }),
    },
    ...(Object.keys(models).length > 0 && { models }),
    ...peopleOf(source, notes),
    ...groupsOf(source),
    ...transcriptionOf(source, notes),
    ...sessionsOf(config, notes),
    ...(remembers(config) && { memory: true }),
    ...compressionOf(config, base.context),
    ...cronOf(source, notes),
    ...(Object.keys(personalities).length > 0 && { personalities }),
    ...(prompt !== undefined && { system_prompt: prompt }),
  };
}

/** Hermes remembers what it works on, and whom it works for; here that is one thing. */
function remembers(config: Block): boolean {
  const { memory_enabled, user_profile_enabled } = block(config, "memory");
  return memory_enabled === true || user_profile_enabled === true;
}

function reasoningOf(config: Block): Endpoint {
  const level = text(block(config, "agent").reasoning_effort);
  return REASONING_LEVELS.some((known) => known === level) ? { reasoning_effort: level } : {};
}

function fallbacksOf(source: HermesSource, notes: Notes): Endpoint[] {
  const { fallback_providers, fallback_model } = source.config;
  const written = Array.isArray(fallback_providers) ? fallback_providers : [fallback_model];
  return written.filter(isObject).flatMap((entry, index) => {
    const endpoint = endpointOf(entry, source, notes, false);
    if (endpoint.model !== undefined && entry.provider) return [endpoint];
    notes.left(`fallback_providers[${index}]`, "Hermes skips it too: it needs a provider and a model");
    return [];
  });
}

/** `model_aliases` and `model.aliases`, as what /model offers. */
function modelsOf(source: HermesSource, model: Block, notes: Notes): Record<string, unknown> {
  const aliases = { ...block(model, "aliases"), ...block(source.config, "model_aliases") };
  return Object.fromEntries(
    Object.entries(aliases).flatMap(([name, entry]): [string, unknown][] => {
      const bare = text(entry);
      if (!/^\S{1,100}$/.test(name) || name.toLowerCase() === "reset") {
        notes.left(`the alias ${name}`, "a short name is one word, and not reset");
        return [];
      }
      if (bare !== undefined) return [[name, bare]];
      const endpoint = isObject(entry) ? endpointOf(entry, source, notes, false) : {};
      return endpoint.model === undefined ? [] : [[name, endpoint]];
    }),
  );
}

function personalitiesOf(config: Block, notes: Notes): Record<string, string> {
  const written = { ...block(config, "personalities"), ...block(block(config, "agent"), "personalities") };
  return Object.fromEntries(
    Object.entries(written).flatMap(([given, entry]) => {
      const name = given.trim().replaceAll(/\s+/g, "-");
      const parts = isObject(entry) ? ["system_prompt", "tone", "style"].map((key) => entry[key]) : [entry];
      const prompt = parts.flatMap((part) => text(part) ?? []).join("\n");
      if (prompt !== "" && prompt.length <= MAX_PERSONALITY && !/^none$/i.test(name)) return [[name, prompt]];
      notes.left(`the personality ${given}`, "it has no text, too much of it, or the name none");
      return [];
    }),
  );
}

/** Which messages of Telegram's groups are for the bot; Hermes answers them all unless it says otherwise. */
function groupsOf(source: HermesSource): Record<string, unknown> {
  const of = (name: string) => settings(source, "telegram", name);
  const free = [...list(of("free_response_chats")), ...list(of("free_response_channels"))];
  const free_chats = free.filter((id) => /^-\d+$/.test(id));
  const mention = of("require_mention");
  const groups = {
    ...(typeof mention === "boolean" && { require_mention: mention }),
    ...(mention !== false && free_chats.length > 0 && { free_chats }),
  };
  return Object.keys(groups).length > 0 ? { groups } : {};
}

/** What each platform that Hermes speaks to needs here. */
function platformSecrets(env: HermesSource["env"], notes: Notes): void {
  if (env.TELEGRAM_BOT_TOKEN) {
    notes.secret("TELEGRAM_BOT_TOKEN");
    notes.secret("TELEGRAM_WEBHOOK_SECRET");
  }
  if (env.DISCORD_BOT_TOKEN) {
    for (const name of ["DISCORD_APPLICATION_ID", "DISCORD_PUBLIC_KEY", "DISCORD_BOT_TOKEN"])
      notes.secret(name);
  }
  if (env.HUB_AGENT_ID) {
    for (const name of ["HUB_BASE_URL", "HUB_AGENT_ID", "HUB_AGENT_SECRET"]) notes.secret(name);
  }
}
