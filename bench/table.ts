/** One line of the result: ours, what it is compared with, and whether that is good enough. */
export interface Row {
  measure: string;
  ours: string;
  limit: string;
  ratio: string;
  target: string;
  /** Null for what is only told. */
  met: boolean | null;
}

const HEADINGS = ['measure', 'ours', 'compared with', 'ratio', 'target', 'met'];

/** A Markdown table that is also readable as plain text. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map(({ measure, ours, limit, ratio, target, met }) => [
    measure,
    ours,
    limit,
    ratio,
    target,
    met === null ? '' : met ? 'yes' : 'NO',
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(HEADINGS), rule, ...cells.map(line)].join('\n');
}

export const whole = (value: number) => Math.round(value).toLocaleString('en');
/** Rounded down: what is shown as reaching its target has reached it. */
export const percent = (value: number) => `${Math.floor(value * 100 + 1e-9)} %`;
export const oneDigit = (value: number) => value.toFixed(1);
