import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';

/** The margin that scanners need (ISO/IEC 18004, section 6.3.8). */
const MARGIN = 4;

/** A text as a picture, dark on light wherever it is shown: `data:image/svg+xml;base64,…` */
export function qrCodeAsDataUri(text: string): string {
  const code = generate(text);
  const size = code.size + 2 * MARGIN;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-MARGIN} ${size} ${size}" shape-rendering="crispEdges">` +
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${size}" height="${size}" fill="#fff"/>` +
    `<path d="${toSvgPath(code)}" fill="#000"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}
