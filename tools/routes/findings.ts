export type FindingLevel = "error" | "warning";

/** Line and column, counted from 1. */
export interface Place {
  readonly line: number;
  readonly col: number;
}

/** Something that the author of a routes file should know, and where it stands. */
export interface Finding extends Place {
  readonly file: string;
  readonly level: FindingLevel;
  readonly message: string;
}

/**
 * A finding on one line: `FILE:LINE:COL level message`.
 * @example formatFinding(finding) // routes.yaml:3:5 warning never taken: an empty value matches nothing
 */
export function formatFinding({ file, line, col, level, message }: Finding): string {
  return `${file}:${line}:${col} ${level} ${message.replace(/\s+/g, " ")}`;
}

export const hasErrors = (findings: readonly Finding[]): boolean =>
  findings.some(({ level }) => level === "error");

/** In the order of the file, each once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const unique = new Map(findings.map((finding) => [formatFinding(finding), finding]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.col - b.col);
}
