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

/** What the loader says of a routes file of these answers, and which flag each is about. */
export function modelFindings(answers: ModelAnswers) {
  const text = newRoutes(answers);
  return loadText(text, "routes").findings.map(({ level, message, line }) => {
    const key = /^\s*(\w+):/.exec(text.split("\n")[line - 1] ?? "")?.[1] ?? "";
    return { level, message, flag: FLAGS[key] ?? "--model" };
  });
}

/** Why it would not compile; null if it would. */
export const modelProblem = (answers: ModelAnswers) =>
  modelFindings(answers).find(({ level }) => level === "error") ?? null;

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
