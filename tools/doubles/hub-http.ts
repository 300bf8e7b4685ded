import type { Context } from "hono";
import { parseObject } from "../lib/json.ts";

/** A refusal as Hub words them. */
export function no(c: Context, status: 400 | 401 | 403 | 404 | 409 | 500, error: string): Response {
  return c.json({ ok: false, error }, status);
}

export async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  return parseObject(await c.req.text()) ?? {};
}
