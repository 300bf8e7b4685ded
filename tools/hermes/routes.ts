import { PLATFORM_NAMES } from "../../src/message/platforms.ts";
import { CONTEXT_KEYS } from "../../src/routing/match-keys.ts";
import { isObject } from "../lib/json.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import type { Notes } from "./notes.ts";
import { settings } from "./people.ts";
import { type Block, block, type HermesSource, text } from "./source.ts";

/** A route as a routes file writes it. */
export type Route = Endpoint & { readonly match: Record<string, unknown> };

/** A route of a Hermes config, with what to call it where it is not carried over. */
interface Found {
  readonly what: string;
  readonly match: Block;
  readonly action: Block;
}

/** Every route, in Hermes's order: `routes`, `platforms`, `by_source`, then the overrides of single chats. */
export function routesOf(source: HermesSource, notes: Notes): Route[] {
  return found(source, notes).flatMap(({ what, match, action }) => {
    const platforms = [match.platform].flat().flatMap((name) => text(name) ?? []);
    const foreign = platforms.find((name) => !PLATFORM_NAMES.some((known) => known === name));
    const stray = Object.keys(match).find((key) => !CONTEXT_KEYS.some((known) => known === key));
    const why =
      foreign !== undefined
        ? `this gateway has no platform ${foreign}`
        : stray !== undefined
          ? `a match cannot name ${stray}`
          : Object.keys(match).length === 0
            ? "an empty match matches nothing"
            : null;
    if (why !== null) {
      notes.left(what, why);
      return [];
    }
    const name = text(action.name);
    const prompt = text(action.system_prompt);
    return [
      {
        ...(name !== undefined && { name }),
        match: { ...match },
        ...endpointOf(action, source, notes, false),
        ...(prompt !== undefined && { system_prompt: prompt }),
      },
    ];
  });
}

function found(source: HermesSource, notes: Notes): Found[] {
  const model = block(source.config, "model");
  const written = Array.isArray(model.routes) ? model.routes : [];
  return [
    ...written.flatMap((route, index): Found[] => {
      const what = `model.routes[${index}]`;
      if (isObject(route) && isObject(route.match)) {
        const { match, ...action } = route;
        return [{ what, match: route.match, action }];
      }
      notes.left(what, "Hermes skips it too: it has no match");
      return [];
    }),
    ...shorthands(block(model, "platforms"), "platform", true, notes),
    ...shorthands(block(model, "by_source"), "source_kind", false, notes),
    ...["telegram", "discord"].flatMap((platform) => channels(source, platform)),
  ];
}

function shorthands(entries: Block, key: string, names: boolean, notes: Notes): Found[] {
  return Object.entries(entries).flatMap(([name, entry]): Found[] => {
    const what = `model.${key === "platform" ? "platforms" : "by_source"}.${name}`;
    if (names && text(entry) !== undefined)
      return [{ what, match: { [key]: name }, action: { model: entry } }];
    if (isObject(entry) && Object.keys(entry).length > 0) {
      const { match, ...action } = entry;
      return [{ what, match: isObject(match) ? match : { [key]: name }, action }];
    }
    notes.left(what, "Hermes skips it too: it says nothing that could be used");
    return [];
  });
}

/** `channel_overrides`: a model for a single chat or thread. */
function channels(source: HermesSource, platform: string): Found[] {
  const overrides = settings(source, platform, "channel_overrides");
  if (!isObject(overrides)) return [];
  return Object.entries(overrides).flatMap(([chat_id, action]) =>
    isObject(action)
      ? [{ what: `${platform}'s channel_overrides.${chat_id}`, match: { platform, chat_id }, action }]
      : [],
  );
}
