import { routeMessage } from "../routing/route.ts";
import { REASONING_LEVELS } from "../routing/settings.ts";
import type { Command, CommandContext } from "./command.ts";
import { didYouMean, whomInWords } from "./words.ts";

const RESET = "reset";
const CHOICES = [...REASONING_LEVELS, RESET];

export const reasoning: Command = {
  name: "reasoning",
  summary: "Show or change how much the model thinks in this chat: /reasoning LEVEL, /reasoning reset",
  argument: { name: "level", summary: `${REASONING_LEVELS.join(", ")}; reset returns to the route's` },
  access: ["owner"],
  choices: (typed) =>
    CHOICES.filter((name) => name.startsWith(typed.toLowerCase())).map((name) => ({ name, value: name })),
  async run(args, context) {
    const { session } = context;
    const wanted = args.toLowerCase();
    if (wanted === "") return `${await current(context)}\nLevels: ${CHOICES.join(", ")}`;
    const { reasoning: _, ...others } = session.settings();
    if (wanted === RESET) {
      session.setSettings(others);
      return current(context);
    }
    const level = REASONING_LEVELS.find((name) => name === wanted);
    if (level === undefined)
      return `There is no level \`${args}\`.${didYouMean(wanted, CHOICES)} Levels: ${CHOICES.join(", ")}`;
    session.setSettings({ ...others, reasoning: level });
    return `Reasoning: ${level}${whomInWords(context.message.source)}, from the next message on. A model that does not know this level may refuse it; /reasoning reset undoes it.`;
  },
};

async function current({ message, routes, env, session }: CommandContext): Promise<string> {
  const { reasoning: chosen } = session.settings();
  if (chosen !== undefined) return `Reasoning: ${chosen}, chosen here with /reasoning`;
  const { bundle } = routeMessage(message, await session.override(), routes, env);
  const set = bundle.params?.reasoning_effort;
  return set === undefined
    ? "Reasoning: as the model does by itself"
    : `Reasoning: ${set}, as routes.yaml says`;
}
