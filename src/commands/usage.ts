import { type Command, PEOPLE } from "./command.ts";
import type { ModelUsage } from "./session.ts";
import { counted, digits } from "./words.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

export const usage: Command = {
  name: "usage",
  summary: "Show what this chat has used, today and in all",
  access: PEOPLE,
  async run(_args, { session, now }) {
    const today = now - (now % DAY_MS);
    const all = session.usage(0);
    if (all.length === 0) return "Nothing has been used in this chat yet.";
    return ["Today (UTC):", ...table(session.usage(today)), "", "In all:", ...table(all)].join("\n");
  },
};

function table(models: readonly ModelUsage[]): string[] {
  return models.length === 0 ? ["nothing"] : models.map(line);
}

function line({ model, turns, input, output, cached, reasoning, cost }: ModelUsage): string {
  const parts = [
    counted(turns, "turn"),
    `${counted(input, "token")} in${cached > 0 ? ` (${Math.min(100, Math.round((100 * cached) / input))} % cached)` : ""}`,
    `${counted(output, "token")} out${reasoning > 0 ? ` (${digits(reasoning)} reasoning)` : ""}`,
  ];
  if (cost !== null) parts.push(`cost ${cost.toFixed(cost < 1 ? 4 : 2)}`);
  return `${model}: ${parts.join(", ")}`;
}
