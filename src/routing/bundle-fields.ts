import { hasMark } from "../lib/template.ts";

/** What a bundle carries beside the endpoint that it names. */
export interface Carried {
  /** Extra request headers; values may contain `${NAME}`, and marks such as `{session}`. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** Further fields of the request, as they are; texts in them may contain `${NAME}` and marks. */
  readonly extra_body?: { readonly [field: string]: unknown } | undefined;
  /** Who remembers what was said: an `endpoint` that does is sent the new message alone. */
  readonly conversation?: Conversation | undefined;
  /** Sampling parameters (`temperature`, `max_tokens`, `reasoning_effort`, …), only those that were set. */
  readonly params?: { readonly [name: string]: string | number | boolean } | undefined;
  /** Limits of one call, in milliseconds. */
  readonly timeouts?: Timeouts | undefined;
  /** The model's window, in tokens. */
  readonly context?: number | undefined;
  /** Whether this model is shown pictures; unset leaves it to the provider. */
  readonly images?: boolean | undefined;
  /** False where an answer is shown only when it is whole. */
  readonly live?: boolean | undefined;
}
export type CarriedName = keyof Carried;

export const CONVERSATIONS = ["gateway", "endpoint"] as const;
export type Conversation = (typeof CONVERSATIONS)[number];

export interface Timeouts {
  readonly first_token_ms?: number | undefined;
  readonly idle_ms?: number | undefined;
  readonly total_ms?: number | undefined;
}

interface CarriedField<Name extends CarriedName> {
  /** What it belongs to: it never follows a layer to another one. Null: it always follows. */
  readonly of: "endpoint" | "model" | null;
  /** A layer's value over the one below; undefined where neither has one. Reads its own field of both. */
  readonly over: (under: Carried, set: Carried) => Carried[Name];
  /** What of it strangers and peers get from elsewhere than their own route. Absent: all. */
  readonly shared?: (carried: Carried) => Carried[Name];
}

const nothing = (): undefined => undefined;

/** One row a field, which says how layers make it: a record is merged entry by entry, anything else replaced. */
const CARRIED_FIELDS: { readonly [Name in CarriedName]-?: CarriedField<Name> } = {
  // They may be credentials. Marks let an endpoint know people, and open what it keeps for them.
  headers: {
    of: "endpoint",
    over: (under, set) => merge(under.headers, set.headers),
    shared: ({ headers }) => unmarked(headers),
  },
  // Tools of the operator's, perhaps, with what they may reach.
  extra_body: {
    of: "endpoint",
    over: (under, set) => merge(under.extra_body, set.extra_body),
    shared: nothing,
  },
  conversation: {
    of: "endpoint",
    over: (under, set) => set.conversation ?? under.conversation,
    shared: nothing,
  },
  params: { of: null, over: (under, set) => merge(under.params, set.params) },
  timeouts: { of: null, over: (under, set) => merge(under.timeouts, set.timeouts) },
  context: { of: "model", over: (under, set) => set.context ?? under.context },
  images: { of: "model", over: (under, set) => set.images ?? under.images },
  live: { of: null, over: (under, set) => set.live ?? under.live },
};

export const CARRIED_NAMES = Object.keys(CARRIED_FIELDS) as readonly CarriedName[];

/** The rows, each with its field's name. A list, because every resolve walks through it. */
export const CARRIED = CARRIED_NAMES.map((name) => ({ name, ...CARRIED_FIELDS[name] }));

/** What a bundle carries for its endpoint alone. */
export const OF_ENDPOINT = CARRIED.filter(({ of }) => of === "endpoint").map(({ name }) => name);

function merge<Entries extends object>(
  under: Entries | undefined,
  set: Entries | undefined,
): Entries | undefined {
  return under && set ? { ...under, ...set } : (set ?? under);
}

function unmarked(headers: Carried["headers"]): Carried["headers"] {
  const kept = Object.entries(headers ?? {}).filter(([, value]) => !hasMark(value));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
