import { renameSync, writeFileSync } from "node:fs";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import { loadText } from "../routes/load.ts";

/** An owner's id on a platform. */
export interface Owner {
  readonly platform: string;
  readonly id: string;
}

/** What a routes file of one's own begins with. */
export interface ModelAnswers {
  readonly provider: string;
  /** Null where the provider has its own. */
  readonly base_url: string | null;
  readonly model: string;
  /** The name of the secret; null for an endpoint that wants none. */
  readonly key_name: string | null;
}

/** A routes file with one model for all, that answers nobody but owners. */
export function newRoutes({ provider, base_url, model, key_name }: ModelAnswers): string {
  const document = new Document({
    model: {
      default: model,
      provider,
      ...(base_url !== null && { base_url }),
      ...(key_name !== null && { api_key: `\${${key_name}}` }),
    },
    access: { strangers: "ignore" },
  });
  document.commentBefore = " Your own routes: routes.yaml shows every key. After a change: npm run check";
  return document.toString();
}

/** The flag that says what stands under a key of a new routes file. */
const FLAGS: { readonly [key: string]: string } = {
  default: "--model",
  provider: "--provider",
  base_url: "--base-url",
  api_key: "--key-name",
};

/** Why a routes file of these answers would not compile, and which flag is at fault; null if it would. */
export function modelProblem(answers: ModelAnswers): { flag: string; message: string } | null {
  const text = newRoutes(answers);
  const { findings } = loadText(text, "routes");
  const error = findings.find(({ level }) => level === "error");
  if (error === undefined) return null;
  const key = /^\s*(\w+):/.exec(text.split("\n")[error.line - 1] ?? "")?.[1] ?? "";
  return { flag: FLAGS[key] ?? "--model", message: error.message };
}

/** The text of a routes file with these owners beside those that it has; comments and order stay. */
export function withOwners(text: string, owners: readonly Owner[]): string {
  const document = parseDocument(text);
  for (const { platform, id } of owners) {
    const path = ["owners", platform];
    if (!isMap(document.get("owners"))) document.set("owners", document.createNode({}, { flow: true }));
    const ids = document.getIn(path);
    // A text in quotes, so that no reader takes the digits for a number.
    const entry = document.createNode(id);
    Object.assign(entry, { type: "QUOTE_DOUBLE" });
    if (!isSeq(ids)) document.setIn(path, document.createNode([entry], { flow: true }));
    else if (!ids.items.some((item) => String(item) === id)) ids.add(entry);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Writes a routes file whole, or not at all. */
export function writeRoutes(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}
