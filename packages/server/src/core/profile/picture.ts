/** What a picture is, told by its own bytes; what whoever sent it called it counts for nothing. */
export interface Picture {
  type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** More than one frame; of a GIF or a WebP. */
  isAnimated: boolean;
  bytes: Buffer;
}

/** One picture at the most; two of them in base64 fit into the request that brings them. */
export const MAX_PICTURE_BYTES = 1024 * 1024;
/** Nobody's viewer should have to unpack more than 64 MiB of pixels from a megabyte of file. */
const MAX_SIDE = 4_096;

interface Header extends Omit<Picture, 'bytes'> {
  width: number;
  height: number;
}

/**
 * Reads the header of a PNG, JPEG, GIF or WebP; null for everything else, for more than 4,096 pixels a side, and for
 * none. Never SVG: that is a document with scripts in it, not a picture.
 */
export function readPicture(bytes: Buffer): Picture | null {
  const header = pngHeader(bytes) ?? gifHeader(bytes) ?? webpHeader(bytes) ?? jpegHeader(bytes);
  if (!header) return null;
  const { type, isAnimated, width, height } = header;
  const isSane = [width, height].every((side) => side >= 1 && side <= MAX_SIDE);
  return isSane ? { type, isAnimated, bytes } : null;
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** W3C PNG, sections 5.2 and 11.2.1: the first chunk is IHDR, thirteen bytes long. */
function pngHeader(bytes: Buffer): Header | null {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return null;
  if (bytes.readUInt32BE(8) !== 13 || bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  return {
    type: 'image/png',
    isAnimated: false,
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
  };
}

/** GIF89a, sections 17 and 18. */
function gifHeader(bytes: Buffer): Header | null {
  if (bytes.length < 14 || !/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))) return null;
  return {
    type: 'image/gif',
    isAnimated: hasSecondFrame(bytes),
    width: bytes.readUInt16LE(6),
    height: bytes.readUInt16LE(8),
  };
}

const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;

/** Walks the blocks of a GIF; each step goes forward, so a hostile one only ends early. */
function hasSecondFrame(bytes: Buffer): boolean {
  const tableLength = (packed: number) => (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);
  const afterSubBlocks = (start: number) => {
    let at = start;
    for (let length = bytes[at]; length; length = bytes[at]) at += length + 1;
    return at + 1;
  };
  let at = 13 + tableLength(bytes[10] ?? 0);
  for (let frames = 0; ; ) {
    if (bytes[at] === GIF_EXTENSION) at = afterSubBlocks(at + 2);
    else if (bytes[at] !== GIF_IMAGE) return false;
    else if (++frames === 2) return true;
    else at = afterSubBlocks(at + 11 + tableLength(bytes[at + 9] ?? 0));
  }
}

/** RFC 9649, sections 2.5 to 2.7. */
function webpHeader(bytes: Buffer): Header | null {
  if (bytes.length < 30) return null;
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') return null;
  const still = { type: 'image/webp', isAnimated: false } as const;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      // RFC 6386, section 9.1: a start code, then fourteen bits each.
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) return null;
      return { ...still, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      if (bytes[20] !== 0x2f) return null;
      const packed = bytes.readUInt32LE(21);
      return { ...still, width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
    }
    case 'VP8X': {
      const isAnimated = ((bytes[20] ?? 0) & 0x02) !== 0;
      return {
        ...still,
        isAnimated,
        width: 1 + bytes.readUIntLE(24, 3),
        height: 1 + bytes.readUIntLE(27, 3),
      };
    }
    default:
      return null;
  }
}

const JPEG_MARK = 0xff;
/** Start of frame, in the kinds that JPEG has; C4, C8 and CC are other things. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Begin of the pixels, end of the file: no frame comes after either. */
const isEnd = (marker: number) => marker === 0xda || marker === 0xd9;

/** ITU-T T.81, annex B: segments with their lengths, one of them the frame's. */
function jpegHeader(bytes: Buffer): Header | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === JPEG_MARK) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === JPEG_MARK) at += 1;
    else if (isEnd(marker)) return null;
    else if (isFrame(marker)) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { type: 'image/jpeg', isAnimated: false, width, height };
    } else {
      const length = bytes.readUInt16BE(at + 2);
      if (length < 2) return null;
      at += 2 + length;
    }
  }
  return null;
}
