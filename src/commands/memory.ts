import { type Command, PEOPLE } from "./command.ts";

const FORGET = "forget";

export const memory: Command = {
  name: "memory",
  summary: "Show what I remember of you and this chat; /memory forget clears it",
  argument: { name: "action", summary: "forget clears it" },
  access: PEOPLE,
  choices: (typed) => (FORGET.startsWith(typed.toLowerCase()) ? [{ name: FORGET, value: FORGET }] : []),
  async run(args, { session, kind, message: { source } }) {
    const { memory: controls, seq } = session;
    if (controls === null) return "Nothing is remembered here: routes.yaml has no `memory`.";
    const wanted = args.toLowerCase();
    if (wanted === FORGET) {
      await controls.forget(source, seq);
      return "Forgotten. Of what was said so far nothing will be noted; I still see this conversation until /new.";
    }
    if (wanted !== "") return "/memory shows what I remember, /memory forget clears it.";
    const { owner, chat } = await controls.shown(source);
    const parts = [
      ...(owner ? ["Of you, in every chat of yours with me alone:", owner, ""] : []),
      ...(chat ? ["Of this chat:", chat, ""] : []),
    ];
    if (parts.length === 0)
      parts.push("I remember nothing here yet: I take notes when a conversation ends (/new).");
    else parts.push("/memory forget clears it.");
    if (kind === "owner" && source.chat_type !== "dm")
      parts.push("What I remember of you I show in a direct chat.");
    return parts.join("\n");
  },
};
