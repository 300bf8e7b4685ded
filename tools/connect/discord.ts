import * as z from "zod";
import { type Variables, variable } from "../../src/env.ts";
import { fail, ok, type Result } from "../../src/lib/result.ts";
import { apiBase } from "../../src/platforms/discord/api.ts";
import { ASK, COMMANDS, MESSAGE } from "../../src/platforms/discord/commands.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { commandsFor } from "../routes/commands.ts";
import { REACHABLE_BY, unreachable } from "./address.ts";
import { callDiscordAsBot, type Refusal } from "./api.ts";
import { type Note, type Plan, type Step, were } from "./plan.ts";

const ABOUT = "Discord";

/** View channels, send messages, in threads too, and start public threads. */
const PERMISSIONS = (1n << 10n) | (1n << 11n) | (1n << 35n) | (1n << 38n);

const ref = z.object({ id: z.string() });

/** https://docs.discord.com/developers/resources/application#application-object */
const Application = z.object({
  id: z.string(),
  name: z.string(),
  verify_key: z.string(),
  interactions_endpoint_url: z.string().nullish(),
  /** The owner; of a team's application a user that stands for the team. */
  owner: ref.optional(),
  team: z.object({ owner_user_id: z.string().nullish() }).nullish(),
});
export type Application = z.output<typeof Application>;

const Option = z.object({
  type: z.number(),
  name: z.string(),
  description: z.string(),
  required: z.boolean().default(false),
  autocomplete: z.boolean().default(false),
});

/** Their order means nothing. */
const numbers = z.array(z.number()).transform((list) => list.sort((a, b) => a - b));

/** What of a command is ours to say; Discord adds ids and defaults. */
const Command = z.object({
  type: z.number().default(1),
  name: z.string(),
  description: z.string().default(""),
  options: z.array(Option).default([]),
  integration_types: numbers.default([]),
  contexts: numbers.nullish(),
});
const Commands = z.array(Command);

/** What Discord knows of an application. */
export interface DiscordState {
  readonly id: string;
  /** Null where Discord does not tell it. */
  readonly application: Application | null;
  readonly commands: readonly z.output<typeof Command>[];
}

/** The application that a bot token belongs to. */
export const findApplication = (env: Variables): Promise<Result<Application, Refusal>> =>
  callDiscordAsBot(env, "GET", "/applications/@me", Application);

/** Asks Discord; changes nothing. */
export async function findDiscord(env: Variables): Promise<Result<DiscordState, Refusal>> {
  const found = await findApplication(env);
  const set = variable(env, "DISCORD_APPLICATION_ID");
  // Commands can be registered where the application itself cannot be read.
  const untold = !found.ok && found.error.refused && found.error.status !== 401;
  if (!found.ok && (!untold || set === undefined)) return found;
  const application = found.ok ? found.value : null;
  const id = application?.id ?? set ?? "";
  const commands = await callDiscordAsBot(env, "GET", commandsPath(id), Commands);
  return commands.ok ? ok({ id, application, commands: commands.value }) : fail(commands.error);
}

const commandsPath = (id: string): string => `/applications/${id}/commands`;

/** The user who owns an application, by itself or through its team. */
export const ownerOf = ({ team, owner }: Application): string | null =>
  (team ? team.owner_user_id : owner?.id) ?? null;

/** Where one installs it: https://docs.discord.com/developers/topics/oauth2#bot-authorization-flow */
export const installLink = (application: string): string =>
  `https://discord.com/oauth2/authorize?client_id=${application}&scope=bot+applications.commands&permissions=${PERMISSIONS}`;

/** The portal's page on which the endpoint's address stands. */
export const portal = (application: string): string =>
  `https://discord.com/developers/applications/${application}/information`;

const pasteAt = (url: string, application: string): string =>
  `paste ${url} as Interactions Endpoint URL at ${portal(application)}`;

export const endpointOf = (gateway: string): string => `${gateway}/webhooks/discord`;

/** The application commands of a gateway with these routes. */
export function discordCommands(routes: Partial<CompiledRoutes>) {
  const names = new Set([ASK, ...commandsFor(routes).map(({ name }) => name)]);
  return COMMANDS.filter(({ type, name }) => type === MESSAGE || names.has(name));
}

/** What is to be done so that the application serves this gateway, with these routes. Pure. */
export function planDiscord(
  state: DiscordState,
  gateway: string,
  env: Variables,
  routes: Partial<CompiledRoutes>,
): Plan {
  const { id, application, commands } = state;
  const notes: Note[] = application
    ? [
        { about: ABOUT, level: "ok", text: `the token is of the application ${application.name} (${id})` },
        ...disagreements(application, env),
      ]
    : [];
  const steps: Step[] = [];
  const wanted = discordCommands(routes);
  if (same(commands, wanted)) {
    notes.push({ about: ABOUT, level: "ok", text: `commands: ${wanted.length}` });
  } else {
    const call = { api: "discord", method: "PUT", path: commandsPath(id), body: wanted } as const;
    const text = `commands: ${wanted.length} (was: ${were(commands.length, wanted.length)})`;
    steps.push({ about: ABOUT, text, call });
  }
  const url = endpointOf(gateway);
  const cannot = unreachable(gateway, apiBase(env));
  if (cannot !== null) {
    const text = `no interactions endpoint at ${url}: ${cannot}`;
    notes.push({ about: ABOUT, level: "to do", text, todo: REACHABLE_BY });
  } else if (application === null) {
    const text = "the interactions endpoint can be neither read nor set";
    notes.push({ about: ABOUT, level: "to do", text, todo: pasteAt(url, id) });
  } else if (application.interactions_endpoint_url === url) {
    notes.push({ about: ABOUT, level: "ok", text: `interactions endpoint: ${url}` });
  } else {
    steps.push(endpointStep(application, url));
  }
  notes.push({ about: ABOUT, level: "ok", text: `install link: ${installLink(id)}` });
  const reached = cannot === null && application !== null;
  return { notes, steps, ...(reached && { bot: `${application.name} on Discord` }) };
}

/** Without a bot token nothing can be asked of Discord. */
export const planDiscordByHand = (gateway: string, application: string): Plan => ({
  notes: [
    {
      about: ABOUT,
      level: "to do",
      text: "DISCORD_BOT_TOKEN is not set: commands and endpoint cannot be registered",
      todo: `set it (${portal(application)}, Bot), or ${pasteAt(endpointOf(gateway), application)}`,
    },
  ],
  steps: [],
});

/** What is to be taken back so that the application no longer serves this gateway. Pure. */
export function unplanDiscord({ id, application, commands }: DiscordState, gateway: string): Plan {
  const steps: Step[] = [];
  const notes: Note[] = [];
  const found = application?.interactions_endpoint_url;
  if (application && found === endpointOf(gateway)) {
    steps.push(endpointStep(application, null));
  } else {
    const text = `interactions endpoint: ${found || "none"}, not this gateway's`;
    notes.push({ about: ABOUT, level: "ok", text });
  }
  if (commands.length > 0) {
    const call = { api: "discord", method: "PUT", path: commandsPath(id), body: [] } as const;
    steps.push({ about: ABOUT, text: `commands: none (was: ${commands.length})`, call });
  }
  return { notes, steps };
}

function endpointStep({ interactions_endpoint_url: found }: Application, url: string | null): Step {
  const body = { interactions_endpoint_url: url };
  const call = { api: "discord", method: "PATCH", path: "/applications/@me", body } as const;
  return { about: ABOUT, text: `interactions endpoint: ${url ?? "none"} (was: ${found || "none"})`, call };
}

/** Ids and keys that are of another application than the token. */
function disagreements({ id, verify_key }: Application, env: Variables): Note[] {
  const wanted = { DISCORD_APPLICATION_ID: id, DISCORD_PUBLIC_KEY: verify_key };
  return Object.entries(wanted).flatMap(([name, value]): Note[] => {
    const set = variable(env, name);
    if (set === undefined || set.toLowerCase() === value.toLowerCase()) return [];
    const text = `${name} is of another application than DISCORD_BOT_TOKEN`;
    return [{ about: ABOUT, level: "error", text, todo: `set it to ${value}` }];
  });
}

/** Whether Discord has exactly these commands, whatever it adds to them and in whichever order it lists them. */
function same(found: DiscordState["commands"], wanted: unknown): boolean {
  const line = (command: z.output<typeof Command>) => JSON.stringify(command);
  const lines = [found.map(line), Commands.parse(wanted).map(line)].map((list) => list.sort().join("\n"));
  return lines[0] === lines[1];
}
