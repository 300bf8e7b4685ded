import { routeMessage } from "../sessions/turn.ts";
import type { Command } from "./command.ts";

export const reset: Command = {
  name: "new",
  aliases: ["reset"],
  summary: "Start a new conversation, and return to the routed model",
  async run(_args, { message, routes, env, session }) {
    session.stop();
    session.clear();
    await session.setOverride(null);
    const { bundle } = routeMessage(message, null, routes, env);
    return `New conversation. The model is ${bundle.model}.`;
  },
};
