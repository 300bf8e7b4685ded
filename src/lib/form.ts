/**
 * A request's body and its headers: JSON, or a form where a file is among the fields, whose other fields are then
 * JSON each. The runtime itself names a form's boundary.
 */
export function bodyOf(fields: object): {
  readonly headers: Record<string, string>;
  readonly body: string | FormData;
} {
  const given: [string, unknown][] = Object.entries(fields);
  if (!given.some(([, value]) => value instanceof File)) {
    return { headers: { "content-type": "application/json" }, body: JSON.stringify(fields) };
  }
  const body = new FormData();
  for (const [name, value] of given) body.append(name, value instanceof File ? value : JSON.stringify(value));
  return { headers: {}, body };
}
