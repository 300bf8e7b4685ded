import type { Reply } from "../runtime/outside.ts";
import type { Place } from "./places.ts";

/** Something that a user or a peer said, and that is to be answered. */
export interface Said {
  /** Its number in the plan: `q12` stands in its text. */
  readonly n: number;
  readonly place: Place;
  /** The session it belongs to: the place's, or the one that its chat has moved to. */
  readonly session: string;
  readonly kind: "question" | "command";
  /** `/model fast`; empty for a question. */
  readonly command: string;
  /** When it was first on its way to the gateway. */
  readonly at: number;
  /** Telegram's message id, or Discord's interaction token, or Hub's entry id. */
  readonly ref: string;
  /** The number of the first message that it was written in one with. */
  readonly one_with?: number | undefined;
  /** When the gateway's 2xx for it arrived, or Hub stored it; null while it was not accepted. */
  accepted_at: number | null;
}

/** The correction of a question: `e14` stands in its new text. */
export interface Edit {
  readonly n: number;
  /** The question's number. */
  readonly of: number;
  readonly at: number;
  /** When the gateway's 2xx for it arrived; null while it was not accepted. */
  accepted_at: number | null;
}

/**
 * What the gateway is told of a request to show something: done; not done, so that it is to try again; not done
 * and never to be; or nothing that says whether it was.
 */
export type Told = "done" | "again" | "refused" | "nothing";

/** One request to show something to a user or a peer. */
export interface Send {
  readonly at: number;
  readonly platform: Place["platform"];
  /** The chat, channel, or peer. */
  readonly to: string;
  readonly thread: string | null;
  /** What it answers, where the request says: a message id or an interaction token. */
  readonly ref: string | null;
  readonly text: string;
  /** Whether it is there for its reader. */
  readonly shown: boolean;
  readonly told: Told;
  /** How long the gateway is asked to wait. */
  readonly wait_ms: number | null;
  /** The message that it shows, or would change: what is shown under the same name takes the other's place. */
  readonly slot: string | null;
  /** It changes a message that is there, so that it may be repeated. */
  readonly edit: boolean;
  /** Which object sent it. */
  readonly from: string;
  /** When the gateway heard what it was told; null if it never did. */
  heard_at: number | null;
}

/** Whether the gateway cannot know what came of it. */
export const isUnknown = ({ told, heard_at }: Send): boolean => told === "nothing" || heard_at === null;

/** One request of a model. */
export interface Ask {
  readonly at: number;
  readonly endpoint: string;
  readonly model: string;
  readonly key: string;
  /** Which question it is about, the first one where it holds several; null if it holds none. */
  readonly question: number | null;
  /** All the questions that it holds. */
  readonly holds: readonly number[];
  /** Texts of the conversation that it brings along, oldest first, the question last. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** Its place among the requests about this question, from 0: the answer says so. */
  readonly try_index: number;
  /** How many words a whole answer has. */
  readonly words: number;
  readonly from: string;
  /** When the whole answer had arrived at the gateway; null if it never did. */
  whole_at: number | null;
}

/** Something done to the gateway from inside its own account: the operator's change of an override in KV. */
export interface OperatorWrite {
  readonly at: number;
  readonly session: string;
  readonly model: string | null;
  /** Whether the value says when it was set. */
  readonly dated: boolean;
}

/** What a server makes of a request to show something, beside what the request itself says. */
export interface Outcome {
  readonly shown: boolean;
  readonly told: Told;
  readonly reply: Reply;
  readonly wait_ms?: number;
  readonly slot?: string | undefined;
}

/** Everything that went between the gateway and the outside, as the outside saw it. */
export class Traffic {
  readonly said: Said[] = [];
  /** What was said in a group without addressing the bot: `o12` stands in its text. Nothing of it is to be answered. */
  readonly overheard: Said[] = [];
  readonly edits: Edit[] = [];
  readonly sends: Send[] = [];
  readonly asks: Ask[] = [];
  readonly operator: OperatorWrite[] = [];
  /** Requests without a proof of where they come from: texts that must never be heard of again. */
  readonly forged: { readonly n: number; readonly place: Place; status: number | null }[] = [];
  /** Answers to webhooks that no platform should get, such as a 500. */
  readonly odd: string[] = [];
  /** Messages that a user has removed, by their slot. */
  readonly removed = new Set<string>();

  /** Notes a request to show something; returns the reply to it, which notes when it is heard. */
  show(
    request: Pick<Send, "at" | "platform" | "to" | "thread" | "ref" | "text" | "edit" | "from">,
    { shown, told, reply, wait_ms, slot }: Outcome,
    now: () => number,
  ): Reply {
    const send: Send = {
      ...request,
      shown,
      told,
      wait_ms: wait_ms ?? null,
      slot: slot ?? null,
      heard_at: null,
    };
    this.sends.push(send);
    if (reply.kind !== "answer") return reply;
    const heard = () => {
      send.heard_at = now();
    };
    return { ...reply, heard };
  }
}

/** The numbers of the questions in a text (`q12`), in order. */
export const questionsIn = (text: string): number[] =>
  [...text.matchAll(/\bq(\d+)\b/g)].map(([, n]) => Number(n));

/** The numbers of what was overheard in a text (`o12`), in order. */
export const overheardIn = (text: string): number[] =>
  [...text.matchAll(/\bo(\d+)\b/g)].map(([, n]) => Number(n));
