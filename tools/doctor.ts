import { DOCTOR_USAGE, readDoctor } from "./connect/options.ts";
import { examine } from "./doctor/doctor.ts";
import { line } from "./doctor/finding.ts";

/** `npm run doctor`, for the files of the folder in which it runs. */
try {
  const root = process.cwd();
  const options = readDoctor(process.argv.slice(2), process.env, root);
  if (options === null) console.log(DOCTOR_USAGE);
  else {
    const findings = await examine(options, process.env, root);
    const failed = findings.some(({ level }) => level === "error");
    if (options.json) console.log(JSON.stringify({ ok: !failed, findings }));
    else for (const finding of findings) console.log(line(finding));
    if (failed) process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
