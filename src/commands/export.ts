import { sessionKey } from "../message/key.ts";
import { fileChunk } from "../text/code-file.ts";
import { type Command, PEOPLE } from "./command.ts";
import { counted } from "./words.ts";

const LANGUAGE = "json";

export const exportKept: Command = {
  name: "export",
  summary: "Get what I keep of this conversation, and what I remember of it, as a file",
  access: PEOPLE,
  destroys: true,
  async run(_args, { session, message: { source }, commands, kind, now }) {
    const { conversation = [], older = 0, parked = [] } = session.kept?.read() ?? {};
    const override = await session.override();
    const reminds = kind === "owner" && commands.some(({ name }) => name === "remind");
    const all = {
      session: sessionKey(source),
      exported_at: new Date(now).toISOString(),
      conversation,
      parked,
      chosen: { ...session.settings(), ...(override && { model: override.model }) },
      memory: (await session.memory?.shown(source)) ?? null,
      reminders: reminds ? await session.scheduler().reminders(sessionKey(source)) : [],
      usage: session.usage(0),
    };
    const text = JSON.stringify(all, null, 2);
    const left = older > 0 ? ` ${counted(older, "older question")} did not fit.` : "";
    const line = `What I keep here: ${counted(conversation.length, "question")} with answers.${left} /forget deletes it.`;
    if (source.platform === "cli") return `${line}\n\n\`\`\`${LANGUAGE}\n${text}\n\`\`\``;
    const spans = [{ type: "pre", detail: LANGUAGE, from: 0, to: text.length }] as const;
    return { text: line, file: fileChunk({ text, spans }) };
  },
};
