/** Six hexadecimal digits after `#`. */
export function isColor(text: string | null): text is string {
  return text !== null && /^#[0-9a-f]{6}$/i.test(text);
}

/** White where it can be read on the colour (WCAG 2.2, 4.5:1), else black, as on the hosted pages. */
export function readableOn(color: string): '#000000' | '#ffffff' {
  return 1.05 / (luminanceOf(color) + 0.05) >= 4.5 ? '#ffffff' : '#000000';
}

function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
