import { routeMessage } from "../routing/route.ts";
import { missingSecrets } from "../routing/secrets.ts";
import { type Command, PEOPLE } from "./command.ts";
import { counted, modelInWords, personInWords, routeInWords } from "./words.ts";

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
      `Conversation: ${counted(messages, "message")}`,
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
    // Which secret is missing concerns the operator, not a stranger.
    const unset = (names: readonly string[]) =>
      kind === "owner" ? `its secret ${names.join(", ")} is not set` : "it is not set up";
    for (const { layer, route, missing } of resolution.skipped) {
      const what =
        layer === "override" ? "This chat's /model choice" : `The model of ${routeInWords(route, kind)}`;
      lines.push(`${what} cannot be used: ${unset(missing)}. ${resolution.bundle.model} answers instead.`);
    }
    const missing = missingSecrets(resolution.bundle, env);
    if (missing.length > 0) lines.push(`${resolution.bundle.model} cannot answer: ${unset(missing)}.`);
    return lines.join("\n");
  },
};
