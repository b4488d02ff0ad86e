/** The beginnings of pictures, as small as a picture can be told by; none of them shows anything. */
export function png(width = 8, height = 8): Buffer {
  const header = Buffer.alloc(33);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(header);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return header;
}

export function gif(width = 8, height = 8, frames = 1, table = true): Buffer {
  const screen = Buffer.from('47494638396100000000000000', 'hex');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  const colors = table ? Buffer.alloc(6) : Buffer.alloc(0);
  if (table) screen[10] = 0x80;
  const control = Buffer.from('21f9040000000000', 'hex');
  const image = Buffer.from('2c0000000008000800000202440100', 'hex');
  const all = Array.from({ length: frames }, () => [control, image]).flat();
  return Buffer.concat([screen, colors, ...all, Buffer.from('3b', 'hex')]);
}

function riff(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(12 + body.length, 4);
  head.write(`WEBP${kind}`, 8, 'latin1');
  head.writeUInt32LE(body.length, 16);
  return Buffer.concat([head, body]);
}

export const webp = {
  lossy(width = 8, height = 8): Buffer {
    const body = Buffer.alloc(12);
    body.writeUIntBE(0x9d012a, 3, 3);
    body.writeUInt16LE(width, 6);
    body.writeUInt16LE(height, 8);
    return riff('VP8 ', body);
  },
  lossless(width = 8, height = 8): Buffer {
    const body = Buffer.alloc(12);
    body[0] = 0x2f;
    body.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 1);
    return riff('VP8L', body);
  },
  extended(width = 8, height = 8, { animated }: { animated: boolean }): Buffer {
    const body = Buffer.alloc(12);
    body[0] = animated ? 0x02 : 0;
    body.writeUIntLE(width - 1, 4, 3);
    body.writeUIntLE(height - 1, 7, 3);
    return riff('VP8X', body);
  },
};

export function jpeg(width = 8, height = 8, marker = 0xc0): Buffer {
  const frame = Buffer.from(`ff${marker.toString(16)}000b080000000001011100`, 'hex');
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  const head = Buffer.from('ffd8ffe000104a46494600010100000100010000fffffe0003aa', 'hex');
  return Buffer.concat([head, frame, Buffer.from('ffd9', 'hex')]);
}
