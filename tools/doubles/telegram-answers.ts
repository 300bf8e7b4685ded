/** What a method is given, and what it answers. */
export type Parameters = Readonly<Record<string, unknown>>;
export type Method = (body: Parameters) => ApiAnswer | Promise<ApiAnswer>;

export interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export function good(result: unknown): ApiAnswer {
  return { status: 200, body: { ok: true, result } };
}

export function bad(status: number, description: string, parameters?: Record<string, number>): ApiAnswer {
  return {
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
  };
}

export const NOT_MODIFIED = bad(
  400,
  "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
);
