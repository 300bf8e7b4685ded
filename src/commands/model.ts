import { ruleBundle, sameEndpoint } from "../routing/layers.ts";
import { routeMessage } from "../routing/route.ts";
import type { Bundle, CompiledRoutes } from "../routing/types.ts";
import { type Command, type CommandContext, mayRun, PEOPLE } from "./command.ts";
import type { CommandReply } from "./keyboard.ts";
import { pageOf, picker, RESET, readPick } from "./picker.ts";
import { modelInWords, unknownInWords, whomInWords } from "./words.ts";

export const model: Command = {
  name: "model",
  aliases: ["provider"],
  summary: "Show or change the model of this chat: /model NAME, /model reset",
  argument: { name: "name", summary: "A short name or a model id; reset returns to the route" },
  access: ["owner"],
  bare: PEOPLE,
  choices(typed, { models }) {
    const wanted = typed.toLowerCase();
    return Object.entries(models)
      .map(([name, { model: id }]) => ({ name: id ? `${name} — ${id}` : name, value: name }))
      .filter(({ name }) => name.toLowerCase().includes(wanted));
  },
  async run(args, context) {
    if (args === "") return show(context, 0);
    if (args === "reset") {
      await context.session.setOverride(null);
      return { text: `Back to the route. ${await current(context)}`, keyboard: { actions: [OTHERS] } };
    }
    const pick = readPick(args, context.routes);
    if (pick === null) return choose(args, context);
    if (pick === "outdated")
      return show(context, 0, ["The list of models has changed since. Here is the new one:", ""]);
    return "page" in pick ? show(context, pick.page) : choose(pick.name, context);
  },
};

const OTHERS = { label: "Choose another", command: "/model" };

/** What answers here, and for whoever may choose the others, a page at a time. */
async function show(
  context: CommandContext,
  page: number,
  before: readonly string[] = [],
): Promise<string | CommandReply> {
  const { kind, routes, session } = context;
  const lines = [...before, await current(context)];
  if (!mayRun(model, kind, routes.access, context.message.source)) return lines.join("\n");
  const offered = modelsInWords(routes);
  const onPage = pageOf(offered, page);
  if (offered.length === 0) lines.push("", "/model NAME takes any model id that the endpoint has.");
  else lines.push("", "Choose:", ...onPage);
  if (offered.length > onPage.length) lines.push(`/models — all ${offered.length}`);
  lines.push("/model reset — back to the route");
  const chosen = (await session.override())?.model;
  return { text: lines.join("\n"), keyboard: picker(routes, chosen, page) };
}

/** What there is to choose, a line each; empty where routes.yaml lists nothing. */
export const modelsInWords = ({ models }: CompiledRoutes): string[] =>
  Object.entries(models).map(
    ([name, { model: id }]) => `/model ${name}${id && id !== name ? ` — ${id}` : ""}`,
  );

async function current({ message, kind, routes, env, now, session }: CommandContext): Promise<string> {
  const override = await session.override();
  const resolution = routeMessage(message, override, routes, env);
  const line = `Model: ${modelInWords(resolution, override, kind, now)}`;
  if (resolution.fields.model !== "override") return line;
  return `${line}\nWithout it: ${modelInWords(routeMessage(message, null, routes, env), null, kind, now)}`;
}

async function choose(args: string, context: CommandContext): Promise<string | CommandReply> {
  if (/\s/.test(args)) return "A model's name has no spaces. /model shows the names.";
  const found = findModel(args, context);
  if (found === null) return `${unknownInWords("model", args, knownModels(context))} /model shows the names.`;
  await context.session.setOverride({ model: found });
  const resolution = routeMessage(context.message, { model: found }, context.routes, context.env);
  const skipped = resolution.skipped.find(({ layer }) => layer === "override");
  if (skipped)
    return `${found} is chosen, but cannot be used yet: its secret is not set. ${resolution.bundle.model} answers until then.`;
  const text = `Model: ${resolution.bundle.model} (${resolution.bundle.provider})${whomInWords(context.message.source)}, from the next message on. /model reset undoes it.`;
  return { text, keyboard: { actions: [RESET, OTHERS] } };
}

/**
 * What an override stores for this name: the short name where there is one, so that a later change of
 * routes.yaml changes what it stands for; null for an unknown name.
 */
function findModel(name: string, context: CommandContext): string | null {
  const { models } = context.routes;
  const wanted = name.toLowerCase();
  const entries = Object.entries(models);
  const short =
    entries.find(([known]) => known === name) ?? entries.find(([known]) => known.toLowerCase() === wanted);
  if (short) return short[0];
  const byId = entries.find(([, { model: id }]) => id?.toLowerCase() === wanted);
  if (byId) return byId[0];
  const reachable = modelsOfThisEndpoint(context).find((id) => id.toLowerCase() === wanted);
  if (reachable) return reachable;
  // Without `models:` in routes.yaml any name is taken: only the endpoint knows which models it has.
  return entries.length === 0 ? name : null;
}

function knownModels(context: CommandContext): string[] {
  const { models } = context.routes;
  return [
    ...Object.keys(models),
    ...Object.values(models).flatMap(({ model: id }) => (id ? [id] : [])),
    ...modelsOfThisEndpoint(context),
  ];
}

/** Models that routes.yaml uses at the endpoint this chat is routed to: those can be named by id alone. */
function modelsOfThisEndpoint({ message, routes, env }: CommandContext): string[] {
  const here = routeMessage(message, null, routes, env).bundle;
  const used = [routes.base, ...routes.rules.map(({ set }) => ruleBundle(routes, set))];
  return [...new Set(used.filter((bundle) => sharesEndpoint(bundle, here)).map(({ model: id }) => id))];
}

function sharesEndpoint(a: Bundle, b: Bundle): boolean {
  return sameEndpoint(a.base_url, b.base_url) && a.provider === b.provider && a.api_key === b.api_key;
}
