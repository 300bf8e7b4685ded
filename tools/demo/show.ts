import { styleText } from "node:util";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { demoOwner } from "../deploy/refusals.ts";
import type { LogLine } from "../lib/worker-log.ts";
import { secretsOf } from "../routes/bundles.ts";
import { asDemo, DEMO_OWNER } from "../routes/demo.ts";
import { silentPlatforms } from "../routes/surroundings.ts";

export const bold = (text: string) => styleText("bold", text);
export const dim = (text: string) => styleText("dim", text);
export const red = (text: string) => styleText("red", text);
export const green = (text: string) => styleText("green", text);

/** What the demo has beside these routes, a line each. */
export function describeCast(routes: CompiledRoutes): string[] {
  const { owners, access } = asDemo(routes);
  return [
    ...(owners === routes.owners ? [] : [`Your part is played by ${DEMO_OWNER}: the routes name no owner.`]),
    ...(access === routes.access
      ? []
      : ["Strangers and agents are answered here only: with these routes, nobody but owners is."]),
  ];
}

/** What a person can do now that the gateway serves. */
export function sayReady({ url, routesFile, names, routes, demo, say }: Readiness): void {
  say();
  say(`${bold("Talaria")} serves on ${bold(url)}   ${dim("Ctrl-C stops it")}`);
  say();
  if (!demo) {
    const silent: readonly string[] = silentPlatforms(routes);
    let begun = false;
    for (const [name, { title, secrets }] of Object.entries(PLATFORM_FACTS)) {
      if (secrets.length === 0) continue;
      const unset = secrets.filter((secret: string) => !names.has(secret));
      const mute = silent.includes(name)
        ? red("on, and answers nobody: owners names nobody there, and strangers are ignored")
        : "on";
      say(`  ${title.padEnd(9)} ${unset.length === 0 ? mute : dim(`off: ${unset.join(", ")} not set`)}`);
      begun ||= unset.length > 0 && unset.length < secrets.length;
    }
    say();
    if (begun) {
      say("  npm run connect sets what a platform lacks: it tries the token, and makes or asks for the rest");
      say();
    }
    const foreign = demoOwner(routes);
    if (foreign !== null) {
      say(red(`  ${foreign}`));
      say();
    }
  }
  const missing = secretsOf(routes).filter((name) => !names.has(name));
  if (missing.length > 0) {
    say(red(`  ${routesFile} needs secrets that are not set: ${missing.join(", ")}`));
    say(
      "  Put them into .dev.vars (NAME=value) and start again; routes without their key give way to others.",
    );
    say();
  }
  if (!demo) return;
  say("  What you can do next:");
  say(`  · change ${routesFile}: the gateway takes it up as you save`);
  say("  · npm run connect asks for a bot's token and a model; start again then, and the doubles stay away");
  say("  · npm run chat, in another terminal, talks to it as its owner");
  say(`  · look at ${url}/health`);
  say(
    "  · type a line to send it as you, or as another: `stranger: hello`, `discord: …`, `hub: …`, `telegram 55: …`",
  );
  say();
}

interface Readiness {
  readonly url: string;
  readonly routesFile: string;
  /** Secrets and variables that have a value. */
  readonly names: ReadonlySet<string>;
  /** The routes that it serves. */
  readonly routes: CompiledRoutes;
  /** Whether doubles play the platforms. */
  readonly demo: boolean;
  say(text?: string): void;
}

/** What a person is told of without asking for more: what became of messages, and what went wrong. */
const TOLD = ["turn", "refused", "hub_entry_refused", "command_refused", "edit_ignored"];
export const isTold = ({ level, event }: LogLine): boolean => level !== "info" || TOLD.includes(event);

const REASONS: { readonly [reason: string]: string } = {
  stranger: "not an owner, and strangers are ignored",
  hub_peer: "peers are ignored",
  unverified: "its name is not registered at Hub",
};

/** One line for a person about a line of the gateway's log: a turn in columns, anything else by its fields. */
export function describeLog(line: LogLine, now = new Date()): string {
  const time = dim(now.toTimeString().slice(0, 8));
  if (line.event === "refused") {
    const reason = String(line.reason);
    return `${time}  ${bold("refused")} ${String(line.platform)} user ${String(line.user_id ?? "?")}: ${REASONS[reason] ?? reason}`;
  }
  if (line.event !== "turn") {
    const { level, event, ...fields } = line;
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
    const paint = level === "info" ? dim : red;
    return `${time}  ${paint([event, ...rest].join("  "))}`;
  }
  const { platform, source_kind, route, model, outcome, duration_ms } = turnFields(line);
  const result = outcome === "ok" ? green(outcome) : red(outcome);
  // A turn that was stopped before it began was not routed.
  if (line.route === undefined) return `${time}  ${platform}  ${result}`;
  const why = ["skipped", "attempts", "detail"].flatMap((name) => (line[name] ? [String(line[name])] : []));
  return `${time}  ${platform} ${source_kind} → ${route} → ${bold(model)}  ${result} ${dim([`${duration_ms} ms`, ...why].join("  "))}`;
}

/** What became of a message, in lines below its title. */
export function describeTurn(line: LogLine): string {
  const { source_kind, route, model } = turnFields(line);
  const overridden = line.overridden === true ? " (by /model)" : "";
  const why = ["skipped", "detail"].flatMap((name) => (line[name] ? [`  ${red(String(line[name]))}`] : []));
  return `${source_kind} → ${route === "base" ? "no route, the base model" : route} → ${bold(model)}${overridden}${why.join("")}`;
}

function turnFields(line: LogLine) {
  const text = (name: string) => String(line[name] ?? "?");
  return {
    platform: text("platform"),
    source_kind: text("source_kind"),
    route: text("route"),
    model: text("model"),
    outcome: text("outcome"),
    duration_ms: text("duration_ms"),
  };
}

/** A text in one line, short enough for a terminal, below its title. */
export function excerpt(text: string, limit = 160): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return `   ${line.length > limit ? `${line.slice(0, limit - 1)}…` : line}`;
}

/** A whole text with its line breaks, below its title. */
export const whole = (text: string): string => text.trim().replaceAll(/^(?=.)/gm, "   ");
