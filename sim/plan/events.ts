/** What is done to the gateway at a time, in milliseconds from the start. */
export type PlanEvent = { readonly at_ms: number } & (
  | { readonly kind: "question"; readonly n: number; readonly place: string; readonly units: number }
  | { readonly kind: "command"; readonly n: number; readonly place: string; readonly text: string }
  | {
      readonly kind: "pieces";
      readonly n: number;
      readonly place: string;
      readonly form: "text" | "album" | "forward";
      readonly parts: number;
      readonly gap_ms: number;
    }
  | { readonly kind: "edit"; readonly n: number; readonly of: number; readonly place: string }
  | { readonly kind: "forged"; readonly n: number; readonly place: string }
  | {
      readonly kind: "operator";
      readonly place: string;
      readonly model: string | null;
      readonly dated: boolean;
    }
  | { readonly kind: "migrate"; readonly place: string }
  | { readonly kind: "deploy" | "crash_all" | "evict_all" }
  | { readonly kind: "storage_out"; readonly place: string; readonly for_ms: number }
);
