import { routeMessage } from "../routing/route.ts";
import { type Command, PEOPLE } from "./command.ts";
import { counted, modelInWords, personInWords, unusableInWords } from "./words.ts";

export const status: Command = {
  name: "status",
  summary: "Show the model, its route and what this chat is doing",
  access: PEOPLE,
  async run(_args, { message, kind, routes, env, now, session }) {
    const override = await session.override();
    const resolution = routeMessage(message, override, routes, env);
    const { running, waiting, messages, parked, last } = session.status();
    const lines = [
      `Model: ${modelInWords(resolution, override, kind, now)}`,
      `You are: ${personInWords(kind, message.source)}`,
      `Answering: ${running ? "yes" : "no"}${waiting > 0 ? `, ${counted(waiting, "message")} waiting` : ""}`,
      `Conversation: ${counted(messages, "message")}${session.fill?.(resolution.bundle) ?? ""}`,
    ];
    const { reasoning, personality } = session.settings();
    if (reasoning) lines.push(`Reasoning: ${reasoning}, chosen here with /reasoning`);
    if (personality) lines.push(`Personality: ${personality}, chosen here with /personality`);
    if (last?.fallback) {
      // Which endpoints there are, and how they fail, concerns the operator.
      const why = kind === "owner" && last.attempts ? ` (${last.attempts})` : "";
      lines.push(`Last answer: ${last.model}, a fallback${why}`);
    }
    if (parked > 0) {
      lines.push(
        `${counted(parked, "message")} got no answer: the model failed, or it could not be delivered. /new starts anew.`,
      );
    }
    return [...lines, ...unusableInWords(resolution, kind, env)].join("\n");
  },
};
