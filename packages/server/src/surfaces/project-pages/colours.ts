/** Parts of light of red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

const WHITE: Colour = [255, 255, 255];
const BLACK: Colour = [0, 0, 0];

/** What stands behind text and buttons in `app.css`: the card, the page, and a field. */
const SCHEMES = {
  light: { grounds: ['#ffffff', '#f5f5fa'], away: BLACK },
  dark: { grounds: ['#17171f', '#0e0e14'], away: WHITE },
} as const;

/** WCAG 2.2, 1.4.3 and 1.4.11. */
const OF_TEXT = 4.5;
const OF_SHAPES = 3;

/** A project's colour (`#` and six hexadecimal digits) as the style of its pages, readable in both colour schemes. */
export function brandStyle(colour: string): string {
  return `:root{${variables(colour, 'light')}}\n@media (prefers-color-scheme:dark){:root{${variables(colour, 'dark')}}}\n`;
}

function variables(text: string, scheme: keyof typeof SCHEMES): string {
  const { away } = SCHEMES[scheme];
  const grounds = SCHEMES[scheme].grounds.map(parsed);
  const [, page = WHITE] = grounds;
  const own = parsed(text);
  const edge = shifted(own, away, (colour) =>
    grounds.every((ground) => contrast(colour, ground) >= OF_SHAPES),
  );
  const link = shifted(own, away, (colour) => grounds.every((ground) => contrast(colour, ground) >= OF_TEXT));
  const on = contrast(own, WHITE) >= OF_TEXT ? WHITE : BLACK;
  // Away from the text on it, so that it only becomes easier to read.
  const hover = mixed(own, on === WHITE ? BLACK : WHITE, 0.14);
  return Object.entries({
    '--accent': own,
    // Where the colour itself could not be told from the ground: the rim of a button, the ring of what has the focus.
    '--accent-edge': edge,
    '--accent-strong': link,
    '--accent-hover': hover,
    '--on-accent': on,
    '--glow': mixed(page, own, 0.16),
  })
    .map(([name, colour]) => `${name}:${written(colour)}`)
    .join(';');
}

/** As near to the colour as it can be so that `isGood`. */
function shifted(colour: Colour, towards: Colour, isGood: (colour: Colour) => boolean): Colour {
  for (let share = 0; share < 1; share += 0.02) {
    const tried = mixed(colour, towards, share);
    if (isGood(tried)) return tried;
  }
  return towards;
}

function mixed(colour: Colour, other: Colour, share: number): Colour {
  const part = (at: 0 | 1 | 2) => Math.round(colour[at] * (1 - share) + other[at] * share);
  return [part(0), part(1), part(2)];
}

/** WCAG's relative luminance. */
function luminance(colour: Colour): number {
  const part = (at: 0 | 1 | 2) => {
    const share = colour[at] / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2);
}

function contrast(one: Colour, other: Colour): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function parsed(text: string): Colour {
  const part = (at: number) => Number.parseInt(text.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

function written(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
