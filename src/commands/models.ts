import type { Command } from "./command.ts";
import { model, modelsInWords } from "./model.ts";
import { counted } from "./words.ts";

const PAGE = 20;

export const models: Command = {
  name: "models",
  summary: "Show the models to choose from, a page at a time: /models 2",
  argument: { name: "page", summary: "Which page, from 1 on" },
  access: model.access,
  async run(args, { routes }) {
    const lines = modelsInWords(routes);
    if (lines.length === 0) return "There is no list: /model NAME takes any model id that the endpoint has.";
    const pages = Math.ceil(lines.length / PAGE);
    const page = args === "" ? 1 : Number(args);
    if (!Number.isInteger(page) || page < 1 || page > pages) return `There are pages 1 to ${pages}.`;
    const end = page * PAGE;
    const next = page < pages ? [`More: /models ${page + 1}`] : [];
    const head = pages > 1 ? `, page ${page} of ${pages}` : "";
    return [`${counted(lines.length, "model")}${head}:`, ...lines.slice(end - PAGE, end), ...next].join("\n");
  },
};
