import ipaddr from 'ipaddr.js';

type Value = string | number | bigint | boolean | Value[] | { [key: string]: Value };

interface MmdbOptions {
  /** Records by network, such as `{ '203.0.113.0/24': { country: { iso_code: 'DE' } } }`. */
  records: Record<string, Value>;
  /** 6 takes addresses of both kinds, as the files one can download do. */
  ipVersion?: 4 | 6;
  formatVersion?: number;
}

const SEPARATOR = Buffer.alloc(16);
const METADATA_MARKER = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);

type Branch = Node | { record: number } | undefined;
type Node = [Branch, Branch];

/** A file in the MaxMind DB format, version 2.0: a binary search tree of prefixes, then the records. */
export function writeMmdb({ records, ipVersion = 6, formatVersion = 2 }: MmdbOptions): Buffer {
  const offsets: number[] = [];
  const root: Node = [undefined, undefined];
  let data = Buffer.alloc(0);
  for (const [network, record] of Object.entries(records)) {
    plant(root, bitsOf(network, ipVersion), offsets.length);
    offsets.push(data.length);
    data = Buffer.concat([data, encode(record)]);
  }
  const nodes = numbered(root);
  const tree = Buffer.concat(
    nodes.flatMap((node) => node.map((branch) => uint(pointerOf(branch, { nodes, offsets }), 3))),
  );
  const metadata = encode({
    binary_format_major_version: formatVersion,
    binary_format_minor_version: 0,
    build_epoch: 1_795_000_000n,
    database_type: 'Test-City',
    description: { en: 'Made by a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([tree, SEPARATOR, data, METADATA_MARKER, metadata]);
}

function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [address, length] = ipaddr.parseCIDR(network);
  const bits = address.toByteArray().flatMap((byte) => [...byte.toString(2).padStart(8, '0')].map(Number));
  const prefix = bits.slice(0, length);
  // IPv4 lives at ::/96 in a tree of both kinds.
  return address.kind() === 'ipv4' && ipVersion === 6 ? [...Array<number>(96).fill(0), ...prefix] : prefix;
}

function plant(root: Node, bits: readonly number[], record: number): void {
  let node = root;
  bits.forEach((bit, depth) => {
    const side = bit === 1 ? 1 : 0;
    if (depth === bits.length - 1) {
      node[side] = { record };
      return;
    }
    const below = node[side];
    const next: Node = Array.isArray(below) ? below : [undefined, undefined];
    node[side] = next;
    node = next;
  });
}

/** Breadth first: the root is number 0. */
function numbered(root: Node): Node[] {
  const nodes = [root];
  for (const node of nodes) for (const branch of node) if (Array.isArray(branch)) nodes.push(branch);
  return nodes;
}

function pointerOf(branch: Branch, { nodes, offsets }: { nodes: Node[]; offsets: number[] }): number {
  if (branch === undefined) return nodes.length;
  if (Array.isArray(branch)) return nodes.indexOf(branch);
  return nodes.length + SEPARATOR.length + (offsets[branch.record] ?? 0);
}

function uint(value: number | bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}

const TYPE = { text: 2, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 } as const;

function control(type: number, size: number): Buffer {
  const [short, rest] =
    size < 29 ? [size, Buffer.alloc(0)] : size < 285 ? [29, uint(size - 29, 1)] : [30, uint(size - 285, 2)];
  const head = type < 8 ? [(type << 5) | short] : [short, type - 7];
  return Buffer.concat([Buffer.from(head), rest]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(TYPE.text, bytes.length), bytes]);
  }
  if (typeof value === 'number') return Buffer.concat([control(TYPE.uint32, 4), uint(value, 4)]);
  if (typeof value === 'bigint') return Buffer.concat([control(TYPE.uint64, 8), uint(value, 8)]);
  if (typeof value === 'boolean') return control(TYPE.boolean, value ? 1 : 0);
  if (Array.isArray(value)) return Buffer.concat([control(TYPE.array, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  const pairs = entries.flatMap(([key, inner]) => [encode(key), encode(inner)]);
  return Buffer.concat([control(TYPE.map, entries.length), ...pairs]);
}
