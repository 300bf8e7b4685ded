import type { Command, CommandContext } from "./command.ts";
import { didYouMean, whomInWords } from "./words.ts";

/** What takes a personality away; no personality can be called this. */
const NONE = "none";

export const personality: Command = {
  name: "personality",
  summary: "Show or change how answers sound in this chat: /personality NAME, /personality none",
  argument: { name: "name", summary: "A name of the list; none takes it away" },
  access: ["owner"],
  choices: (typed, routes) =>
    [...namesOf(routes), NONE]
      .filter((name) => name.toLowerCase().includes(typed.toLowerCase()))
      .map((name) => ({ name, value: name })),
  async run(args, context) {
    const { session, routes } = context;
    if (args === "") return show(context);
    const { personality: _, ...others } = session.settings();
    if (args.toLowerCase() === NONE) {
      session.setSettings(others);
      return "Personality: none, from the next message on.";
    }
    const names = namesOf(routes);
    const found =
      names.find((name) => name === args) ?? names.find((name) => name.toLowerCase() === args.toLowerCase());
    if (found === undefined)
      return `There is no personality \`${args}\`.${didYouMean(args, names)} /personality shows the names.`;
    session.setSettings({ ...others, personality: found });
    return `Personality: ${found}${whomInWords(context.message.source)}, from the next message on. /personality none takes it away.`;
  },
};

function show({ session, routes }: CommandContext): string {
  const names = namesOf(routes);
  if (names.length === 0)
    return "There are no personalities here: routes.yaml names them in `personalities:`.";
  const { personality: chosen } = session.settings();
  const gone =
    chosen !== undefined && !names.includes(chosen) ? ", which routes.yaml does not have any more" : "";
  return [
    `Personality: ${chosen ?? NONE}${gone}`,
    "",
    "Choose:",
    ...names.map((name) => `/personality ${name}`),
    "/personality none — as the route says",
  ].join("\n");
}

const namesOf = ({ personalities }: CommandContext["routes"]): string[] => Object.keys(personalities ?? {});
