import { routeMessage } from "../routing/route.ts";
import { type Command, mayRun, PEOPLE } from "./command.ts";
import { model } from "./model.ts";
import { personality } from "./personality.ts";
import { reasoning } from "./reasoning.ts";
import { takeBack } from "./undo.ts";

export const reset: Command = {
  name: "new",
  aliases: ["reset"],
  summary: "Start a new conversation, and return to the routed model; /new TEXT asks that first",
  access: PEOPLE,
  asksRest: true,
  async run(_args, { message, kind, routes, env, session }) {
    session.stop();
    session.clear({ override: await session.override(), settings: session.settings() });
    // Others may share this session: a sender who may not use /model may not undo their choice either.
    const may = (command: Command) => mayRun(command, kind, routes.access);
    const { reasoning: level, personality: name } = session.settings();
    session.setSettings({
      ...(level && !may(reasoning) && { reasoning: level }),
      ...(name && !may(personality) && { personality: name }),
    });
    if (may(model)) await session.setOverride(null);
    const { bundle } = routeMessage(message, await session.override(), routes, env);
    const text = `New conversation. The model is ${bundle.model}.`;
    return { text, keyboard: takeBack(`new ${session.seq}`) };
  },
};
