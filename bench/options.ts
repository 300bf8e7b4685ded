/** A command line option's whole number above 0; anything else ends the process. */
export function wholeNumber(option: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--${option} must be a whole number above 0, not ${value}`);
  process.exit(2);
}
