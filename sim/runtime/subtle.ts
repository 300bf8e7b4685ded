import {
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from "node:crypto";

/** The start of an Ed25519 public key in DER, before its 32 bytes (RFC 8410). */
const ED25519_DER = Buffer.from("302a300506032b6570032100", "hex");

/** A key of the synchronous Web Crypto: opaque to the code, as a real one is. */
class SimulatedKey {
  readonly material: Buffer;
  readonly algorithm: string;
  readonly hash: string;
  #publicKey: KeyObject | null = null;

  constructor(material: Buffer, algorithm: string, hash: string) {
    this.material = material;
    this.algorithm = algorithm;
    this.hash = hash;
  }

  get publicKey(): KeyObject {
    const der = Buffer.concat([ED25519_DER, this.material]);
    this.#publicKey ??= createPublicKey({ key: der, format: "der", type: "spki" });
    return this.#publicKey;
  }
}

type Algorithm = string | { readonly name: string; readonly hash?: string | { readonly name: string } };

const nameOf = (algorithm: Algorithm): string => (typeof algorithm === "string" ? algorithm : algorithm.name);

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Buffer =>
  ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);

/** `SHA-256` as node:crypto calls it. */
const digestName = (name: string): string => name.replace("-", "").toLowerCase();

const copyOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

function keyOf(key: unknown): SimulatedKey {
  if (key instanceof SimulatedKey) return key;
  throw new TypeError("not a key of the simulated Web Crypto");
}

/**
 * The part of Web Crypto that the gateway uses, computed at once: Node's own works on other threads, which would
 * finish in an order of their own.
 */
export const subtle = {
  async digest(algorithm: Algorithm, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer> {
    return copyOf(
      createHash(digestName(nameOf(algorithm)))
        .update(bytesOf(data))
        .digest(),
    );
  },

  async importKey(
    format: string,
    data: ArrayBuffer | ArrayBufferView,
    algorithm: Algorithm,
  ): Promise<unknown> {
    if (format !== "raw") throw new TypeError(`key format ${format} is not simulated`);
    const hash = typeof algorithm === "string" ? undefined : algorithm.hash;
    const hashName = typeof hash === "object" ? hash.name : (hash ?? "");
    return new SimulatedKey(Buffer.from(bytesOf(data)), nameOf(algorithm), digestName(hashName));
  },

  async sign(_algorithm: Algorithm, key: unknown, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer> {
    return copyOf(hmac(keyOf(key), bytesOf(data)));
  },

  async verify(
    _algorithm: Algorithm,
    key: unknown,
    signature: ArrayBuffer | ArrayBufferView,
    data: ArrayBuffer | ArrayBufferView,
  ): Promise<boolean> {
    const known = keyOf(key);
    const given = bytesOf(signature);
    if (known.algorithm !== "Ed25519") {
      const expected = hmac(known, bytesOf(data));
      return expected.length === given.length && timingSafeEqual(expected, given);
    }
    return verify(null, bytesOf(data), known.publicKey, given);
  },
};

function hmac(key: SimulatedKey, data: Buffer): Buffer {
  if (key.algorithm !== "HMAC") throw new TypeError(`${key.algorithm} does not sign in the simulation`);
  return createHmac(key.hash, key.material).update(data).digest();
}
