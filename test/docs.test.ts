import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { PLATFORM_FACTS } from "../src/message/platforms.ts";
import { ROOT } from "../tools/lib/wrangler.ts";
import { loadText } from "../tools/routes/load.ts";
import { reference } from "../tools/routes/reference.ts";
import { fixture, run } from "./tools/run.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`),
];
const manifest = z
  .object({
    scripts: z.record(z.string(), z.string()),
    cloudflare: z.object({ bindings: z.record(z.string(), z.object({ description: z.string() })) }),
  })
  .parse(JSON.parse(read("package.json")));

/** The fenced blocks of a page in this language, without the indentation of a list. */
function blocks(page: string, language: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm");
  return [...read(page).matchAll(fence)].map(([, indent = "", text = ""]) =>
    text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}

/** Every command of the pages, a line each, in the words that a shell makes of it. */
const commands = PAGES.flatMap((page) =>
  blocks(page, "sh").flatMap((text) =>
    text
      .replaceAll("\\\n", " ")
      .split("\n")
      .flatMap((line) => {
        const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(#.*)|(\S+)/g)].flatMap(
          ([, single, double, comment, word]) =>
            comment === undefined ? [single ?? double ?? word ?? ""] : [],
        );
        // What is set for one command stands before it.
        const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
        return start < 0 ? [] : [{ page, line, words: words.slice(start) }];
      }),
  ),
);

/** The texts of a script and of all that it imports of this repository: the flags that it takes stand there. */
function sourceOf(script: string): string {
  const seen = new Map<string, string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    const text = read(file);
    seen.set(file, text);
    for (const [, path = ""] of text.matchAll(/from "(\.{1,2}\/[^"]+)"/g)) visit(join(dirname(file), path));
  };
  const file = /(\S+\.ts)/.exec(manifest.scripts[script] ?? "")?.[1];
  if (file !== undefined) visit(file);
  return [...seen.values()].join("\n");
}

const WRANGLER = read("node_modules/wrangler/wrangler-dist/cli.js");
const wranglerHas = (...words: string[]): boolean => WRANGLER.includes(`"wrangler ${words.join(" ")}"`);
const PROGRAMS = ["curl", "openssl", "export", "cloudflared"];

/** Where each script is run, by its name or its file. Only the benchmarks are run by hand: they take minutes. */
const RUN_IN: { readonly [script: string]: string } = {
  start: "test/e2e/start.test.ts",
  compile: "test/tools/compile.test.ts",
  check: "test/tools/check.test.ts",
  explain: "test/tools/explain.test.ts",
  import: "test/tools/import.test.ts",
  chat: "test/e2e/chat.test.ts",
  connect: "test/e2e/connect.test.ts",
  disconnect: "test/tools/connect/command-line.test.ts",
  doctor: "test/tools/connect/command-line.test.ts",
  deploy: "test/tools/deploy.test.ts",
  schema: "test/tools/schema.test.ts",
  reference: "test/docs.test.ts",
  sim: "test/sim/sim.test.ts",
  kills: "test/e2e/kills.test.ts",
  types: "package.json",
  format: "package.json",
  test: ".ci/run",
};

test("every script that the pages name is run by a test", () => {
  const names = commands.flatMap(({ words }) => (words[0] === "npm" ? [scriptOf(words)] : []));
  for (const name of new Set(names)) {
    if (name === "ci" || name === "bench") continue;
    expect(RUN_IN, name).toHaveProperty(name);
    expect(read(RUN_IN[name] ?? ""), name).toMatch(new RegExp(`\\b${name}\\b`, "i"));
  }
});

/** The script of a command of npm's. */
function scriptOf(words: readonly string[]): string {
  const [, second = "", ...rest] = words;
  return second === "run" ? (rest.find((word) => !word.startsWith("-")) ?? "") : second;
}

test("there are commands in the pages", () => {
  expect(commands.length).toBeGreaterThan(30);
});

test.each(commands)("$page: $line", ({ words }) => {
  const [program = "", second = "", third = ""] = words;
  if (program === "npm") {
    if (second === "ci") return;
    const script = scriptOf(words);
    expect(Object.keys(manifest.scripts)).toContain(script);
    const own = words.includes("--") ? words.slice(words.indexOf("--") + 1) : [];
    const source = sourceOf(script);
    for (const flag of own.filter((word) => word.startsWith("--"))) {
      expect(source).toMatch(new RegExp(`["']?${flag.slice(2)}["']?: \\{ type|"${flag.slice(2)}"`));
    }
    if (script === "explain" || (script === "check" && own.length === 0)) {
      const { code, err } = run(script, [...own, "--config", fixture("shipped.yaml")]);
      expect([code, script === "check" ? "" : err]).toEqual([0, ""]);
    }
  } else if (program === "npx") {
    if (second === "node") expect(existsSync(join(ROOT, third))).toBe(true);
    else if (second === "vitest") expect(third).toBe("run");
    else {
      expect(second).toBe("wrangler");
      const names = words.slice(2).filter((word) => /^[a-z]+$/.test(word));
      expect(
        wranglerHas(...names.slice(0, 1)) ||
          wranglerHas(...names.slice(0, 2)) ||
          wranglerHas(...names.slice(0, 3)),
      ).toBe(true);
    }
  } else expect(PROGRAMS).toContain(program);
});

test.each(
  PAGES.flatMap((page) => blocks(page, "yaml").map((text) => ({ page, text }))).filter(({ text }) =>
    text.startsWith("model:"),
  ),
)("$page: a routes file without an error", ({ text }) => {
  const { findings } = loadText(text, "f");
  expect(findings.filter(({ level }) => level === "error")).toEqual([]);
});

test.each(PAGES)("%s: what it links to is there", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)];
  for (const [, path = "", anchor] of links) {
    const file = path === "" ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    if (anchor === undefined) continue;
    const anchors = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchors).toContain(anchor);
  }
});

test("docs/routes.md is what the schema says (else: npm run reference)", () => {
  expect(read("docs/routes.md")).toBe(reference());
});

test("the README fits on a few screens", () => {
  expect(read("README.md").split("\n").length).toBeLessThan(200);
});

describe("what is added", () => {
  const squeeze = (text: string): string => text.replaceAll(/[\s\\]+/g, "");
  const additions = squeeze(read("test/rows/additions.ts"));
  test.each(blocks("docs/extending.md", "ts"))("is what test/rows compiles: %s", (text) => {
    expect(additions).toContain(squeeze(text));
  });
});

describe("the button", () => {
  const example = read(".dev.vars.example");
  test("says what each value is that it asks for", () => {
    const asked = [...example.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name);
    expect(asked).toEqual(["ADMIN_TOKEN"]);
    const bindings = [...read("wrangler.toml").matchAll(/^(?:binding|name) = "([A-Z_]+)"/gm)];
    for (const name of [...asked, ...bindings.map(([, binding = ""]) => binding)]) {
      expect(manifest.cloudflare.bindings[name]?.description, name).toMatch(/\w/);
    }
  });

  test("has every platform's secrets in its example", () => {
    for (const name of Object.values(PLATFORM_FACTS).flatMap(({ secrets }): readonly string[] => secrets)) {
      expect(example).toMatch(new RegExp(`^(# )?${name}=`, "m"));
    }
  });
});

test("a public host runs what .ci/run runs", () => {
  expect(read(".github/workflows/ci.yml")).toContain("run: .ci/run");
});
