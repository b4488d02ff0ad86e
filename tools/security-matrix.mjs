// `docs/security-matrix.md`: one line a demand, with the tests that show it. A test names what it covers in square
// brackets at the end of its title: `it('keeps spaces in passwords [A03]', …)` or `[A09, bug 73]`.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bugs, demands } from './security-rows.mjs';

const TITLE = /\b(?:it|test)(?:\.each\([\s\S]*?\))?\(\s*(['"`])((?:\\.|(?!\1).)*?)\1/g;
// Lines of Flux's contract (`FX-01`) stand among them and are no rows here.
const TAG = /\[((?:FX-\d{2,3}|[A-N]\d{2}|bug \d{1,2})(?:, (?:FX-\d{2,3}|[A-N]\d{2}|bug \d{1,2}))*)\]$/;

function testFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist' || name.startsWith('.')) return [];
    if (statSync(path).isDirectory()) return testFiles(path);
    return /\.test\.(ts|tsx|mjs)$/.test(name) ? [path] : [];
  });
}

/** Tags to the tests that carry them. */
function coverage(root) {
  const found = new Map();
  for (const path of testFiles(root).sort()) {
    for (const [, , title] of readFileSync(path, 'utf8').matchAll(TITLE)) {
      const all = TAG.exec(title)?.[1]?.split(', ') ?? [];
      const tags = all.filter((tag) => !tag.startsWith('FX-'));
      for (const tag of tags) {
        const shown = `${title.replace(TAG, '').trim()} (${relative(root, path)})`;
        found.set(tag, [...(found.get(tag) ?? []), shown]);
      }
    }
  }
  return found;
}

export function renderSecurityMatrix(root) {
  const found = coverage(root);
  const row = (tag, text) => {
    const tests = found.get(tag) ?? [];
    return `| ${tag} | ${text} | ${tests.length === 0 ? '–' : tests.map((test) => test.replaceAll('|', '\\|')).join('<br>')} |`;
  };
  const known = new Set([...Object.keys(demands), ...Object.keys(bugs).map((number) => `bug ${number}`)]);
  const unknown = [...found.keys()].filter((tag) => !known.has(tag));
  if (unknown.length > 0) throw new Error(`Tests name rows that do not exist: ${unknown.join(', ')}`);
  const covered = [...known].filter((tag) => found.has(tag)).length;
  return [
    '# Security matrix',
    '',
    'Generated from the titles of the tests by `npm run generate`; do not edit by hand. A dash means that no test names',
    `the row yet. ${covered} of ${known.size} rows are covered.`,
    '',
    '## Demands',
    '',
    '| Row | Demand | Tests |',
    '| --- | --- | --- |',
    ...Object.entries(demands).map(([tag, text]) => row(tag, text)),
    '',
    '## Bugs of other products that must not be ours',
    '',
    '| Bug | What must not happen | Tests |',
    '| --- | --- | --- |',
    ...Object.entries(bugs).map(([number, text]) => row(`bug ${number}`, text)),
    '',
  ].join('\n');
}
