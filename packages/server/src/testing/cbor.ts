export type Cbor =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly Cbor[]
  | ReadonlyMap<number | string, Cbor>;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5 } as const;

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.of((major << 5) | value);
  if (value < 0x1_00) return Buffer.of((major << 5) | 24, value);
  if (value < 0x1_00_00) return Buffer.of((major << 5) | 25, value >> 8, value & 255);
  const wide = Buffer.alloc(5);
  wide.writeUInt8((major << 5) | 26);
  wide.writeUInt32BE(value, 1);
  return wide;
}

/** As much of CBOR (RFC 8949) as authenticators write; maps keep the order they were built in. */
export function encodeCbor(value: Cbor): Buffer {
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') {
    return value >= 0 ? head(MAJOR.unsigned, value) : head(MAJOR.negative, -1 - value);
  }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([head(MAJOR.text, bytes.length), bytes]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(MAJOR.bytes, value.length), value]);
  if (value instanceof Map) {
    const pairs = [...value].map(([key, inner]) => Buffer.concat([encodeCbor(key), encodeCbor(inner)]));
    return Buffer.concat([head(MAJOR.map, value.size), ...pairs]);
  }
  const items = (value as readonly Cbor[]).map(encodeCbor);
  return Buffer.concat([head(MAJOR.list, items.length), ...items]);
}
