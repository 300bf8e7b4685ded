import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { DEV_VARS } from "../lib/settings.ts";
import { findRoutesFile, loadRoutes } from "../routes/load.ts";
import { apply } from "./apply.ts";
import { findApplication } from "./discord.ts";
import { findGateway, type GatewayState } from "./gateway.ts";
import type { Answers, Guide } from "./guide.ts";
import { type ConnectOptions, DEFAULT_KEY_NAME, isWorkersDev } from "./options.ts";
import { joined, type Note } from "./plan.ts";
import { allHere, isMeant, PLATFORMS, planPlatforms } from "./platforms.ts";
import { Report } from "./report.ts";
import { fromEnvironment, made, readValues, routesSecrets, type Values, writeValues } from "./secrets.ts";
import { addOwners, compiledOf, draftRoutes, routesNotes, settleRoutes } from "./settle-routes.ts";
import { settleWorker } from "./settle-worker.ts";
import { overruled, refusedTokens } from "./tokens.ts";
import type { WorkerSecrets } from "./worker.ts";

/** What a run of the tool works with. */
export interface World {
  /** The checkout, or the folder in which a person's own files are. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly worker: WorkerSecrets;
  /** Null where nothing may be asked. */
  readonly guide: Guide | null;
  say(line: string): void;
}

/** `npm run connect`: secrets, routes, platforms. @returns whether all went well */
export async function connect(options: ConnectOptions, world: World): Promise<boolean> {
  const report = new Report(world.say, options.dryRun);
  const next = await run(options, world, report);
  report.end();
  if (next !== null && !report.failed && !options.dryRun) world.say(next);
  return !report.failed;
}

/** @returns what a person does next, if all went well; null where the lines above say it */
async function run(options: ConnectOptions, world: World, report: Report): Promise<string | null> {
  const { dryRun } = options;
  const { root, env, worker, guide } = world;
  const stored = readValues(options.envFiles);
  const known = { ...stored, ...fromEnvironment(env, stored, [DEFAULT_KEY_NAME]) };
  const place = {
    url: options.url,
    // What only doubles of this machine are to reach is none, whatever its address.
    deployed: options.deployed ?? (isWorkersDev(options.url) && !allHere(known)),
  };
  const answers = guide
    ? await guide.ask({ options, place, known, unset: unsetOf(options, { ...env, ...known }, root) })
    : { ...place, values: {}, model: options.model };
  const { url, deployed } = answers;

  const routes = draftRoutes(options.routesFile, answers.model, root, report);
  if (!dryRun) settleRoutes(routes);
  const names = routesSecrets(compiledOf(routes));
  for (const note of overruled(env, stored, names, options, root)) report.note(note);
  const offered = { ...fromEnvironment(env, stored, names), ...answers.values };
  const refused = await refusedTokens(offered, stored);
  for (const note of refused.values()) report.note(note);
  const given = Object.fromEntries(Object.entries(offered).filter(([name]) => !refused.has(name)));
  const identified = { ...given, ...(await discordIds({ ...stored, ...given })) };
  const fresh = { ...identified, ...made({ ...stored, ...identified }) };
  const values = { ...stored, ...fresh };
  if (!PLATFORMS.some((name) => isMeant(name, values))) {
    // A token that was refused is told already.
    if (refused.size === 0) report.note(NO_PLATFORM);
    return null;
  }
  if (Object.keys(fresh).length > 0) {
    if (!dryRun) writeValues(options.secretsFile, fresh);
    report.changed("secrets", `${Object.keys(fresh).join(", ")} in ${relative(root, options.secretsFile)}`);
  }

  const owned = await addOwners(routes, options.owners, values, guide, report);
  if (!dryRun) settleRoutes(owned);
  for (const note of routesNotes(owned, values)) report.note(note);
  const compiled = compiledOf(owned);
  if (compiled === null) return null;

  const { hash } = compiled;
  const command = deployed ? deployCommand(owned.file, root) : startCommand(options, url, owned.file, root);
  if (deployed) {
    // Without its secrets so far, which a Worker can have only once it is there.
    await guide?.awaitGateway({ url, hash, command });
    const settled = await settleWorker({ url, values, fresh, names, dryRun }, worker, report);
    if (!settled && !dryRun) return null;
  } else {
    await guide?.awaitGateway({ url, hash, command, admin_token: values.ADMIN_TOKEN });
  }
  const running = gatewayNote(await findGateway(url, values.ADMIN_TOKEN), hash, answers);
  report.note(running);

  const is_new_secret = fresh.TELEGRAM_WEBHOOK_SECRET !== undefined;
  const plans = await planPlatforms({ values, gateway: url, compiled, is_new_secret });
  const { notes, steps } = joined(plans);
  for (const note of notes) report.note(note);
  const agreed = guide === null || steps.length === 0 || (await guide.confirm(steps));
  for (const step of agreed ? steps : []) {
    const failure = dryRun ? null : await apply(step, values);
    if (failure === null) report.step(step);
    else report.note(failure);
  }
  const bots = plans.flatMap(({ bot }) => bot ?? []).join(", or ");
  if (!agreed || bots === "") return null;
  return running.level === "ok" ? `Write to ${bots} now.` : `Next: ${command}, then write to ${bots}.`;
}

const NO_PLATFORM: Note = {
  about: "secrets",
  level: "error",
  text: "no platform's token is set",
  todo: "put TELEGRAM_BOT_TOKEN, DISCORD_BOT_TOKEN or HUB_BASE_URL, HUB_AGENT_ID and HUB_AGENT_SECRET into .dev.vars or the environment, or run npm run connect in a terminal",
};

/** The secrets that a routes file of one's own names and that are not set; null where there is no such file. */
const unsetOf = ({ routesFile }: ConnectOptions, set: World["env"], root: string): string[] | null =>
  existsSync(routesFile) && routesFile !== resolve(root, "routes.yaml")
    ? routesSecrets(loadRoutes(routesFile).compiled).filter((name) => !set[name])
    : null;

/** The id and the key of the application that the bot token belongs to, where they are not set. */
async function discordIds(values: Values): Promise<Values> {
  if (!values.DISCORD_BOT_TOKEN || (values.DISCORD_APPLICATION_ID && values.DISCORD_PUBLIC_KEY)) return {};
  const found = await findApplication(values);
  // A token that is refused is reported with the platform.
  if (!found.ok) return {};
  return {
    ...(!values.DISCORD_APPLICATION_ID && { DISCORD_APPLICATION_ID: found.value.id }),
    ...(!values.DISCORD_PUBLIC_KEY && { DISCORD_PUBLIC_KEY: found.value.verify_key }),
  };
}

/** What starts a gateway with these files. */
function startCommand(
  { secretsFile }: ConnectOptions,
  url: string,
  routesFile: string,
  root: string,
): string {
  const flags = [
    ...(secretsFile === resolve(root, DEV_VARS) ? [] : [`--env-file ${relative(root, secretsFile)}`]),
    ...(routesFile === resolve(root, findRoutesFile({}, root))
      ? []
      : [`--routes ${relative(root, routesFile)}`]),
    ...(["", "8787"].includes(new URL(url).port) ? [] : [`--port ${new URL(url).port}`]),
  ];
  return ["npm start", ...(flags.length > 0 ? ["--", ...flags] : [])].join(" ");
}

/** What deploys a gateway with this routes file. */
const deployCommand = (routesFile: string, root: string): string =>
  routesFile === resolve(root, findRoutesFile({}, root))
    ? "npm run deploy"
    : `ROUTES_FILE=${relative(root, routesFile)} npm run deploy`;

/** Whether the gateway runs, and with these secrets. */
function gatewayNote(
  state: GatewayState | string,
  hash: string,
  { url, deployed }: Pick<Answers, "url" | "deployed">,
): Note {
  const start = deployed ? "npm run deploy" : "npm start";
  if (typeof state === "string") {
    return { about: "gateway", level: "to do", text: `none at ${url} (${state})`, todo: start };
  }
  if (state.platforms === undefined) {
    const text = `${url} runs with another ADMIN_TOKEN than the one that is set`;
    return { about: "gateway", level: "to do", text, todo: `${start} again` };
  }
  if (state.routes !== hash) {
    const text = `${url} runs the routes ${state.routes}, and not ${hash}`;
    return { about: "gateway", level: "to do", text, todo: `${start} again` };
  }
  return { about: "gateway", level: "ok", text: `${url}, version ${state.version}` };
}
