import { styleText } from "node:util";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import type { LogLine } from "../lib/worker-log.ts";

export const bold = (text: string) => styleText("bold", text);
export const dim = (text: string) => styleText("dim", text);
export const red = (text: string) => styleText("red", text);
export const green = (text: string) => styleText("green", text);

/** What a person can do now that the gateway serves. */
export function sayReady({ url, routesFile, names, demo, say }: Readiness): void {
  say();
  say(`${bold("Talaria")} serves on ${bold(url)}   ${dim("Ctrl-C stops it")}`);
  say();
  if (!demo) {
    for (const { title, secrets } of Object.values(PLATFORM_FACTS)) {
      if (secrets.length === 0) continue;
      const unset = secrets.filter((name: string) => !names.has(name));
      say(`  ${title.padEnd(9)} ${unset.length === 0 ? "on" : dim(`off: ${unset.join(", ")} not set`)}`);
    }
    say();
    return;
  }
  say("  What you can do next:");
  say(`  · change ${routesFile}: the gateway takes it up as you save`);
  say("  · put a bot's secrets into .dev.vars (TELEGRAM_BOT_TOKEN=…) and start again: the doubles stay away");
  say(`  · look at ${url}/health`);
  say();
}

interface Readiness {
  readonly url: string;
  readonly routesFile: string;
  /** Secrets and variables that have a value. */
  readonly names: ReadonlySet<string>;
  /** Whether doubles play the platforms. */
  readonly demo: boolean;
  say(text?: string): void;
}

/** One line for a person about a line of the gateway's log: a turn in columns, anything else by its fields. */
export function describeLog(line: LogLine, now = new Date()): string {
  const time = dim(now.toTimeString().slice(0, 8));
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

/** The first lines of a text, short enough for a terminal. */
export function excerpt(text: string, limit = 160): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
