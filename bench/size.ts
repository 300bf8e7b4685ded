import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as z from "zod";
import { bundle, wrangler } from "../test/support/bundle.ts";
import { compileRoutes, EVERY_PART, setupFiles, writeConfig } from "../tools/lib/setup.ts";
import { ROOT } from "../tools/lib/wrangler.ts";
import { median, table } from "./table.ts";

const STARTUP_RUNS = 5;

/** What esbuild's metafile says of each output. */
const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      bytes: z.number(),
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
    }),
  ),
});

/** The part of a V8 CPU profile that says how long was spent where; times are in microseconds. */
const cpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string() }) })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/**
 * The Worker as `wrangler deploy` would upload it, with the shipped routes, and beside it with every part that
 * another routes file may need: its size, the share of each dependency, and the CPU time of its start as
 * `wrangler check startup` profiles it, as tables.
 */
export async function size(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "talaria-size-"));
  try {
    const [meta, upload] = [join(directory, "meta.json"), join(directory, "worker.bundle")];
    const config = join(ROOT, "wrangler.toml");
    const file = await bundle(config, join(directory, "out"), `--outfile=${upload}`, `--metafile=${meta}`);
    const script = await readFile(file);
    const startup: number[] = [];
    const profile = join(directory, "startup.cpuprofile");
    for (let run = 0; run < STARTUP_RUNS; run++) {
      await wrangler("check", "startup", `--config=${config}`, `--worker=${upload}`, `--outfile=${profile}`);
      startup.push(activeMs(JSON.parse(await readFile(profile, "utf8"))));
    }
    const whole = await everyPart(directory);
    const figures = [
      ["bundle", inBytes(script), inBytes(whole)],
      ["gzip -9", inBytes(zipped(script)), inBytes(zipped(whole))],
      [`start-up CPU, median of ${STARTUP_RUNS}`, `${median(startup).toFixed(1)} ms`, ""],
    ];
    return `${table(["Worker", "shipped routes", "with every part"], figures)}\n\n${shares(JSON.parse(await readFile(meta, "utf8")))}`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The Worker's script with the shipped routes and every part. */
async function everyPart(directory: string): Promise<Buffer> {
  const files = setupFiles(directory);
  const { ok, findings } = await compileRoutes(join(ROOT, "routes.yaml"), files.routes);
  if (!ok) throw new Error(findings);
  await writeConfig({ ...files, ...EVERY_PART });
  return readFile(await bundle(files.config, join(directory, "whole")));
}

const zipped = (script: Buffer): Buffer => gzipSync(script, { level: 9 });

const inBytes = ({ byteLength }: Buffer): string => `${byteLength} bytes`;

/** Sampled time in which the Worker was not idle, in milliseconds. */
function activeMs(value: unknown): number {
  const profile = cpuProfile.parse(value);
  const idle = new Set(
    profile.nodes.flatMap(({ id, callFrame }) => (callFrame.functionName === "(idle)" ? id : [])),
  );
  const active = profile.timeDeltas.filter((_, n) => !idle.has(profile.samples[n] ?? 0));
  return active.reduce((sum, delta) => sum + delta, 0) / 1_000;
}

/** How much of the bundle each package, and each folder of src/, is. */
function shares(value: unknown): string {
  const [output] = Object.entries(metafile.parse(value).outputs)
    .filter(([path]) => path.endsWith(".js"))
    .map(([, of]) => of);
  const bytes = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const owner = ownerOf(path);
    bytes.set(owner, (bytes.get(owner) ?? 0) + bytesInOutput);
  }
  const rows = [...bytes]
    .sort(([, a], [, b]) => b - a)
    .map(([owner, count]) => [
      owner,
      String(count),
      `${((100 * count) / (output?.bytes ?? 0)).toFixed(1)} %`,
    ]);
  return table(["part of the bundle", "bytes", "share"], rows);
}

function ownerOf(path: string): string {
  const dependency = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return dependency ?? /(?:^|\/)(src(?:\/[^/]+(?=\/))?)/.exec(path)?.[1] ?? "other";
}
