import {
  baseBundle,
  base as bottom,
  finish,
  over,
  sameEndpoint,
  sharedOf,
} from "../../src/routing/layers.ts";
import type { Bundle, CompiledRoutes, RouteOrigin } from "../../src/routing/types.ts";
import { buildIndex, type Match, type Route } from "./build-index.ts";
import type { Path, YamlDocument } from "./document.ts";
import { fieldsOf, matchOf, pricesOf, some, splitOf, telegramOf, transcriptionOf } from "./fields.ts";
import type { Action, MatchBlock, ModelBlock, RoutesFile } from "./schema.ts";
import { historyOf, resetOf } from "./sessions.ts";

/** A route of the file: what it compiles to, and where and how it is written. */
export interface DraftRoute extends Route {
  readonly path: Path;
  /** The `match` in the file; a shorthand's usually is not there, but follows from its name. */
  readonly written: MatchBlock | undefined;
  /** The rest; a shorthand's bare model name is an object here. */
  readonly block: Action;
}

/** The model block as an object: a bare name is its `default`. */
export function modelBlock(file: RoutesFile): ModelBlock {
  return typeof file.model === "object" ? file.model : { default: file.model };
}

/** The model block's own bundle; its model is empty if it names none. */
export function baseOf(block: ModelBlock): Bundle {
  const model = some(block.default) ?? some(block.model) ?? "";
  return baseBundle({ ...fieldsOf(block), model: String(model) });
}

/**
 * Every route in first-match order: `routes`, then `platforms`, then `by_source`, whatever their order in the
 * file. Shorthands that say nothing are left out, and so is a by_source that is only a name, as in Hermes.
 * `indexes` are the places of the routes in the file.
 */
export function draftRoutes(
  block: ModelBlock,
  base: Bundle,
  indexes: readonly number[],
  document: YamlDocument,
): DraftRoute[] {
  const draft = (
    from: RouteOrigin,
    index: number,
    path: Path,
    { match: written, ...action }: Action & { readonly match?: MatchBlock | undefined },
    implied: Match,
  ): DraftRoute => {
    // Who takes this route is known only when a message comes.
    const fallbacks = fallbacksOf(action, sharedOf(bottom(base)).bundle);
    const system_prompt = some(action.system_prompt);
    const tell_fallback = some(action.tell_fallback);
    const split = splitOf(action);
    const name = some(action.name);
    return {
      from,
      index,
      line: document.at(path, "key").line,
      match: written === undefined ? implied : matchOf(written),
      ...(name !== undefined && { name }),
      set: fieldsOf(action),
      ...(system_prompt !== undefined && { system_prompt }),
      ...(fallbacks && { fallbacks }),
      ...(tell_fallback !== undefined && { tell_fallback }),
      ...(split && { split }),
      path,
      written,
      block: action,
    };
  };
  return [
    ...(block.routes ?? []).map((route, place) => {
      const index = indexes[place] ?? place;
      return draft("routes", index, ["model", "routes", index], route, {});
    }),
    ...shorthands(block.platforms, true).map(([name, index, action]) =>
      draft("platforms", index, ["model", "platforms", name], action, { platform: [name] }),
    ),
    ...shorthands(block.by_source, false).map(([name, index, action]) =>
      draft("by_source", index, ["model", "by_source", name], action, { source_kind: [name] }),
    ),
  ];
}

type Shorthand = Exclude<Extract<NonNullable<ModelBlock["platforms"]>[string], object>, []>;

/** The entries of `platforms` or `by_source` that make a route, with their place among all. */
function shorthands(
  block: ModelBlock["platforms"] | ModelBlock["by_source"],
  names: boolean,
): [string, number, Shorthand][] {
  return Object.entries(block ?? {}).flatMap(([name, written], index) => {
    const entry = some(written);
    if (entry === undefined) return [];
    if (typeof entry !== "object") return names ? [[name, index, { model: entry }]] : [];
    return Object.keys(entry).length === 0 ? [] : [[name, index, entry]];
  });
}

/**
 * A list of fallbacks, each a whole bundle. One that stays at the model block's endpoint has its key; one that
 * goes elsewhere has only a key of its own, because the model block's belongs to another host.
 */
export function fallbacksOf({ fallbacks }: Pick<Action, "fallbacks">, base: Bundle): Bundle[] | undefined {
  return some(fallbacks)?.map((written) => {
    const set = fieldsOf(written);
    const { bundle } = finish(over(bottom(base), set, "route"));
    const stays = sameEndpoint(bundle.base_url, base.base_url);
    return stays ? bundle : { ...bundle, api_key: set.api_key ?? null };
  });
}

/** Everything that the Worker imports, except its hash. */
export function compile(
  file: RoutesFile,
  base: Bundle,
  routes: readonly Route[],
): Omit<CompiledRoutes, "hash"> {
  const block = modelBlock(file);
  const fallbacks = fallbacksOf(block, base);
  const tell_fallback = some(block.tell_fallback);
  const prices = pricesOf(file);
  const transcription = transcriptionOf(file);
  const telegram = telegramOf(file);
  const reset = resetOf(file);
  const { models, owners, homes, groups, personalities, sessions } = file;
  return {
    base,
    ...(fallbacks && { base_fallbacks: fallbacks }),
    ...(tell_fallback !== undefined && { base_tell_fallback: tell_fallback }),
    ...buildIndex(routes),
    models: mapValues(models, (entry) =>
      typeof entry === "object" ? fieldsOf(entry) : { model: String(entry) },
    ),
    owners: mapValues(owners, (ids) => ids.map(String)),
    homes: mapValues(homes, String),
    access: accessOf(file),
    ...(groups && {
      groups: {
        require_mention: groups.require_mention ?? true,
        free_chats: (groups.free_chats ?? []).map(String),
        ignored_threads: groups.ignored_threads ?? [],
        listen: groups.listen ?? false,
      },
    }),
    system_prompt: file.system_prompt || null,
    ...(personalities && { personalities }),
    ...(sessions?.busy === "interrupt" && { busy: sessions.busy }),
    ...(file.memory && { memory: true as const }),
    ...(reset && { reset }),
    ...(telegram && { telegram }),
    ...(prices && { prices }),
    ...(transcription && { transcription }),
    ...historyOf(file, base.context),
  };
}

function mapValues<From, To>(
  record: { readonly [name: string]: From } | null | undefined,
  map: (value: From) => To,
): { [name: string]: To } {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, map(value)]));
}

/** Who is answered, and who may run which command. */
export const accessOf = ({ access }: RoutesFile): CompiledRoutes["access"] => ({
  strangers: access?.strangers ?? "ignore",
  hub_peers: access?.hub_peers ?? "answer",
  ...(access?.guests === "answer" && { guests: access.guests }),
  ...(access?.allowed && { allowed: mapValues(access.allowed, (ids) => ids.map(String)) }),
  commands: commandsOf(access),
});

/** Who may run which command, where the file says so. */
function commandsOf(access: RoutesFile["access"]): CompiledRoutes["access"]["commands"] {
  const written = Object.entries(access?.commands ?? {});
  return Object.fromEntries(written.flatMap(([name, kinds]) => (kinds ? [[name, kinds]] : [])));
}
