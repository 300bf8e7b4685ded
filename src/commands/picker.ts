import { hashOf } from "../routing/match.ts";
import type { CompiledRoutes } from "../routing/types.ts";
import type { Button, Keyboard } from "./keyboard.ts";

/** Models on one page of the picker. */
const PAGE = 10;

/** The button that takes the choice back. */
export const RESET: Button = { label: "Back to the route", command: "/model reset" };

/** What a picker's button asks for: a model, or another page. */
export type Picked = { readonly name: string } | { readonly page: number } | "outdated";

/**
 * A page of the models to choose from, as buttons of `/model`. A button names its model by its place in the list,
 * and the list by a hash: a name may be longer than what a button holds, and a list that has changed is noticed.
 * @param chosen the short name that is chosen here, if any
 * @param page from 0 on; one that there is not becomes the nearest
 */
export function picker(routes: CompiledRoutes, chosen: string | undefined, page: number): Keyboard {
  const names = Object.keys(routes.models);
  const hash = hashOfList(routes);
  const last = Math.max(0, Math.ceil(names.length / PAGE) - 1);
  const shown = Math.min(Math.max(0, page), last);
  const choices = names
    .map((name, place) => ({
      label: `${name === chosen ? "✓ " : ""}${name}`,
      command: `/model @${hash}.${place}`,
    }))
    .slice(shown * PAGE, (shown + 1) * PAGE);
  const turn = (label: string, to: number): Button[] =>
    to < 0 || to > last ? [] : [{ label, command: `/model @${hash}.p${to}` }];
  const reset = chosen === undefined ? [] : [RESET];
  return { choices, actions: [...turn("‹", shown - 1), ...turn("›", shown + 1), ...reset] };
}

/** The lines of one page, from 0 on. */
export const pageOf = <Line>(lines: readonly Line[], page: number): readonly Line[] =>
  lines.slice(page * PAGE, (page + 1) * PAGE);

/** Reads what a picker's button says behind `/model`; null where it is a name that somebody typed. */
export function readPick(args: string, routes: CompiledRoutes): Picked | null {
  const [, hash, turn, number] = /^@([0-9a-z]+)\.(p?)(\d{1,6})$/.exec(args) ?? [];
  if (hash === undefined || Object.hasOwn(routes.models, args)) return null;
  if (hash !== hashOfList(routes)) return "outdated";
  if (turn) return { page: Number(number) };
  const name = Object.keys(routes.models)[Number(number)];
  return name === undefined ? "outdated" : { name };
}

const hashOfList = ({ models }: CompiledRoutes): string =>
  hashOf(Object.entries(models).flatMap(([name, { model }]) => [name, model ?? ""])).toString(36);
