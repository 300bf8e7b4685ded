/** A record's entry of this name; undefined for names that every object inherits, such as `constructor`. */
export function own<Value>(record: { readonly [name: string]: Value }, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
