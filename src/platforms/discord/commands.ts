import type { RESTPostAPIApplicationCommandsJSONBody } from "discord-api-types/v10";
import { COMMANDS as CHAT_COMMANDS } from "../../commands/index.ts";

/** Where the commands are offered: installed to a server or to a user, in servers, bot DMs and other DMs. */
const EVERYWHERE = {
  integration_types: [0, 1],
  contexts: [0, 1, 2],
} satisfies Partial<RESTPostAPIApplicationCommandsJSONBody>;

export const CHAT_INPUT = 1;
export const MESSAGE = 3;

/** The chat command that asks the model, and its options: the question, and a file that goes with it. */
export const ASK = "ask";
const PROMPT = "prompt";
const FILE = "file";
/** The type of an option that is a file. */
export const ATTACHMENT = 11;

/**
 * The application commands, as they are registered (docs/connect.md; `PUT /applications/{id}/commands` replaces
 * the whole list). The webhook answers exactly these.
 * A chat command other than /ask becomes the text `/name value`.
 */
export const COMMANDS = [
  {
    ...EVERYWHERE,
    type: CHAT_INPUT,
    name: ASK,
    description: "Ask something",
    options: [
      { type: 3, name: PROMPT, description: "What you want to say", required: true },
      { type: ATTACHMENT, name: FILE, description: "A picture or another file to look at" },
    ],
  },
  ...CHAT_COMMANDS.map(
    ({ name, summary, argument, choices }): RESTPostAPIApplicationCommandsJSONBody => ({
      ...EVERYWHERE,
      type: CHAT_INPUT,
      name,
      description: summary,
      ...(argument && {
        options: [
          {
            type: 3,
            name: argument.name,
            description: argument.summary,
            autocomplete: choices !== undefined,
          },
        ],
      }),
    }),
  ),
  { ...EVERYWHERE, type: MESSAGE, name: "Ask about this" },
] satisfies RESTPostAPIApplicationCommandsJSONBody[];

/** Whether a command is one of ours. Discord may still offer one that an earlier version registered. */
export function isOurs(type: number, name: string): boolean {
  return COMMANDS.some((command) => command.type === type && command.name === name);
}
