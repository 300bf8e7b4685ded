import { expect, test } from "vitest";
import { placeNames } from "../../src/lib/template.ts";
import { interpolate, missingSecrets } from "../../src/routing/secrets.ts";

const env = { A: "1", B_2: "$& ${A}", EMPTY: "", NUMBER: 7 };

test("every ${NAME} becomes that secret, taken literally", () => {
  expect(interpolate("x", env)).toEqual({ ok: true, value: "x" });
  expect(interpolate("Bearer ${A}/${B_2}", env)).toEqual({ ok: true, value: "Bearer 1/$& ${A}" });
});

test("names that are unset, empty or no text are missing, each once", () => {
  expect(interpolate("${A} ${NO} ${EMPTY} ${NO} ${NUMBER}", env)).toEqual({
    ok: false,
    error: { missing: ["NO", "EMPTY", "NUMBER"] },
  });
  expect(interpolate("${constructor}", env).ok).toBe(false);
});

test("a bundle needs the secrets of its key, its URL and its headers", () => {
  const bundle = {
    model: "m",
    provider: "custom",
    base_url: "https://${HOST}/v1",
    api_key: "${KEY}",
    api_mode: "chat_completions",
    headers: { "x-a": "${A}", "x-h": "${KEY} ${HEADER}" },
  } as const;
  expect(missingSecrets(bundle, env)).toEqual(["KEY", "HOST", "HEADER"]);
  expect(missingSecrets({ ...bundle, provider: "workers-ai" }, env)).toEqual([]);
});

test("names of secrets", () => {
  expect(placeNames("${A}${_b9}${A} $C ${D-E} ${}")).toEqual(["A", "_b9"]);
});
