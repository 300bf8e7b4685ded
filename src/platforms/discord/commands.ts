import type { RESTPostAPIApplicationCommandsJSONBody } from "discord-api-types/v10";

/** Where the commands are offered: installed to a server or to a user, in servers, bot DMs and other DMs. */
const EVERYWHERE = {
  integration_types: [0, 1],
  contexts: [0, 1, 2],
} satisfies Partial<RESTPostAPIApplicationCommandsJSONBody>;

export const CHAT_INPUT = 1;
export const MESSAGE = 3;

/** The chat command that asks the model, and its options: the question, and a picture that goes with it. */
export const ASK = "ask";
export const PROMPT = "prompt";
export const IMAGE = "image";

/**
 * The application commands, as `npm run connect` registers them
 * (`PUT /applications/{id}/commands` replaces the whole list). The webhook answers exactly these.
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
      { type: 11, name: IMAGE, description: "A picture to look at" },
    ],
  },
  {
    ...EVERYWHERE,
    type: CHAT_INPUT,
    name: "model",
    description: "Show or change the model of this conversation",
    options: [
      {
        type: 3,
        name: "name",
        description: "A short name or a model id; reset takes the change back",
        autocomplete: true,
      },
    ],
  },
  { ...EVERYWHERE, type: CHAT_INPUT, name: "new", description: "Start a new conversation" },
  { ...EVERYWHERE, type: CHAT_INPUT, name: "status", description: "Show how this conversation stands" },
  { ...EVERYWHERE, type: CHAT_INPUT, name: "stop", description: "Stop the answer that is being made" },
  { ...EVERYWHERE, type: CHAT_INPUT, name: "help", description: "Show what I can do" },
  { ...EVERYWHERE, type: MESSAGE, name: "Ask about this" },
] satisfies RESTPostAPIApplicationCommandsJSONBody[];

/** Whether a command is one of ours. Discord may still offer one that an earlier version registered. */
export function isOurs(type: number, name: string): boolean {
  return COMMANDS.some((command) => command.type === type && command.name === name);
}
