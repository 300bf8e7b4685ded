import { type Command, PEOPLE } from "./command.ts";
import { askingInWords } from "./help.ts";

export const start: Command = {
  name: "start",
  summary: "Say hello",
  access: PEOPLE,
  async run(_args, { message }) {
    return `Hello! ${askingInWords(message.source)} /new starts a new conversation, /help shows what else I can do.`;
  },
};
