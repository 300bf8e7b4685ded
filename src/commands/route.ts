import { own } from "../lib/own.ts";
import { redact } from "../lib/redact.ts";
import { modalityOf } from "../message/message.ts";
import { passedOver } from "../routing/passed-over.ts";
import { routeMessage } from "../routing/route.ts";
import { withSettings } from "../routing/settings.ts";
import { routingContext } from "../routing/source.ts";
import type { Command } from "./command.ts";
import { counted, routeInWords, unusableInWords } from "./words.ts";

/** Earlier routes that are told about one by one; the rest are counted. */
const TOLD = 12;

export const route: Command = {
  name: "route",
  summary: "Show which route your messages take here, and why",
  access: ["owner"],
  async run(_args, { message, kind, routes, env, session }) {
    const routed = routeMessage(message, await session.override(), routes, env);
    const resolution = withSettings(routed, session.settings(), routes);
    const { bundle, fields, route } = resolution;
    const context = routingContext(message.source, kind, modalityOf(message));
    const given = Object.entries(context).flatMap(([key, value]) => (value ? [`${key}=${value}`] : []));
    const { model, provider, base_url, api_mode } = bundle;
    // Keys, headers and parameters may hold credentials.
    const shown = { model, provider, base_url: base_url && redact(base_url), api_mode };
    const layers = Object.entries(fields).map(
      ([field, layer]) => `${field}: ${own<string | null>(shown, field) ?? "(not shown)"} ← ${layer}`,
    );
    const { told, more } = passedOver(routes, context, TOLD);
    const earlier = told.map(({ ref, key, wanted }) => {
      const values = wanted.slice(0, 3).join(" or ") + (wanted.length > 3 ? " …" : "");
      return `${routeInWords(ref, kind)}: ${key} is ${context[key] ?? "not given"}, not ${values}`;
    });
    return [
      `Your messages take ${routeInWords(route, kind)} here.`,
      `For: ${given.join(" ")}`,
      ...layers,
      ...unusableInWords(resolution, kind, env),
      ...(earlier.length > 0 ? ["Passed over:", ...earlier] : []),
      ...(more > 0 ? [`and ${counted(more, "route")} more`] : []),
    ].join("\n");
  },
};
