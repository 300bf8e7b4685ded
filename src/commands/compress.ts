import type { Command } from "./command.ts";

export const compress: Command = {
  name: "compress",
  summary: "Put a summary in the place of the older part of this conversation: /compress, /compress FOCUS",
  argument: { name: "focus", summary: "What the summary must keep above all" },
  access: ["owner"],
  run: async (args, { session }) => (await session.compress?.(args)) ?? null,
};
