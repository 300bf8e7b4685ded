const encoder = new TextEncoder();

/**
 * Whether a presented secret is the expected one, in time that depends on neither.
 * Digests are compared because `timingSafeEqual` throws on unequal lengths, which would tell the length.
 * An absent value is never equal: an unset secret admits nobody.
 */
export async function sameSecret(
  presented: string | null | undefined,
  expected: string | null | undefined,
): Promise<boolean> {
  if (!presented || !expected) return false;
  const [a, b] = await Promise.all([digest(presented), digest(expected)]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Whether a request carries this token as `Authorization: Bearer …`, in constant time; never where it is unset. */
export const bears = ({ headers }: Request, token: string | undefined): Promise<boolean> =>
  sameSecret(/^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1], token);

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}
