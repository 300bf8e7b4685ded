const MOST_OBJECTIONS = 20;

/** Runs a command, whose exit code it resolves with; what is thrown is said in a line, and is exit code 1. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

/** The value of an option that takes a whole number; null where it is not given. */
export function numberOf(name: string, text: string | undefined, usage: string): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name} takes a whole number\n${usage}`);
  return number;
}

export function sayObjections(objections: readonly string[]): void {
  for (const objection of objections.slice(0, MOST_OBJECTIONS)) console.log(`  objection: ${objection}`);
  if (objections.length > MOST_OBJECTIONS) console.log(`  and ${objections.length - MOST_OBJECTIONS} more`);
}
