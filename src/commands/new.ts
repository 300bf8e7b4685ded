import { routeMessage } from "../routing/route.ts";
import { type Command, type CommandContext, mayRun, PEOPLE } from "./command.ts";
import { takeBack } from "./keyboard.ts";
import { model } from "./model.ts";
import { reasoning } from "./reasoning.ts";
import type { MayChoose } from "./session.ts";

export const reset: Command = {
  name: "new",
  aliases: ["reset"],
  summary: "Start a new conversation, and return to the routed model; /new TEXT asks that first",
  argument: { name: "text", summary: "What to ask first in the new conversation" },
  access: PEOPLE,
  destroys: true,
  asksRest: true,
  async run(_args, context) {
    const { message, routes, env, session } = context;
    session.stop();
    await session.dropOverheard();
    session.clear({ override: await session.override(), settings: session.settings() });
    await unchoose(context);
    const { bundle } = routeMessage(message, await session.override(), routes, env);
    const text = `New conversation. The model is ${bundle.model}.`;
    return { text, keyboard: takeBack(`new ${session.seq}`) };
  },
};

/** Takes back what was chosen in the session, as far as the sender may choose it. */
export async function unchoose(context: CommandContext): Promise<void> {
  const { session } = context;
  const may = mayChoose(context);
  const { reasoning: level, personality: name } = session.settings();
  session.setSettings({
    ...(level && !may.reasoning && { reasoning: level }),
    ...(name && !may.personality && { personality: name }),
  });
  if (may.model) await session.setOverride(null);
}

/** Others may share a session: who may not choose something there may not take it away or bring it back either. */
export function mayChoose({ kind, routes, commands, message }: CommandContext): MayChoose {
  const may = (command?: Command) =>
    command !== undefined && mayRun(command, kind, routes.access, message.source);
  // Not every gateway has personalities.
  const personality = commands.find(({ name }) => name === "personality");
  return { model: may(model), reasoning: may(reasoning), personality: may(personality) };
}
