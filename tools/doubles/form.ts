import { isObject } from "../lib/json.ts";

/** A file that a bot sent. */
export interface SentFile {
  readonly name: string;
  readonly text: string;
}

/** Whether a form's field is a file. */
export const isSentFile = (value: unknown): value is SentFile =>
  isObject(value) && typeof value.name === "string" && typeof value.text === "string";

/** Whether this content type is a form with files. */
export const isForm = (type: string | undefined): type is string =>
  type?.startsWith("multipart/form-data") ?? false;

/** The fields of a form: what is JSON as its value, a file with its name and text. */
export async function formFields(body: string, type: string): Promise<Record<string, unknown>> {
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form) {
    fields[name] =
      typeof value === "string" ? readValue(value) : { name: value.name, text: await value.text() };
  }
  return fields;
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
