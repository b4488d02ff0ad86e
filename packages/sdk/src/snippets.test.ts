import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPackage, typeErrors } from './testing/index.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGES = ['packages/sdk/README.md', 'docs/flux.md'];

/** What the snippets take for granted, unless they say it themselves. */
const GIVEN: Record<string, string> = {
  // Which of the two it is, the text around the snippet says.
  flux: "{ auth: Server['auth'] & Page['auth'] } & Omit<Server, 'auth'>",
  user: 'import("@flux/sdk").FluxUser',
  token: 'string',
  email: 'string',
  password: 'string',
  code: 'string',
  request: 'Request',
  // Frameworks, and what the app does then.
  app: 'any',
  handler: 'any',
  redirectToChallenge: '() => void',
  askToSignIn: '(code: string) => void',
};

let app: string;
beforeAll(() => {
  app = installPackage();
  symlinkSync(
    dirname(dirname(createRequire(import.meta.url).resolve('@types/node/package.json'))),
    join(app, 'node_modules/@types'),
  );
  writeFileSync(join(app, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

interface Snippet {
  /** As it stands in the page, for the complaint. */
  where: string;
  isPages: boolean;
  text: string;
}

function snippetsOf(file: string): Snippet[] {
  const page = readFileSync(join(ROOT, file), 'utf8');
  return [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(({ 1: text = '', index }) => ({
    where: `${file}:${page.slice(0, index).split('\n').length + 1}`,
    isPages: text.includes("Flux.init('flux_pk_"),
    text,
  }));
}

function moduleOf({ where, isPages, text }: Snippet): string {
  const isGiven = (name: string) =>
    new RegExp(`\\b${name}\\b`).test(text) &&
    !new RegExp(`(const|let|import) (\\{[^}]*)?\\b${name}\\b`).test(text);
  const declared = Object.entries(GIVEN)
    .filter(([name]) => isGiven(name))
    .map(([name, type]) => `declare const ${name}: ${type};`);
  // A page's bundler takes the browser's build for the same name.
  const body = isPages ? text.replaceAll("from '@flux/sdk'", "from '@flux/sdk/browser'") : text;
  return [
    `// ${where}`,
    `import type Server_ from '@flux/sdk'; import type Page_ from '@flux/sdk/browser';`,
    `type Server = Server_; type Page = Page_; export type Known = [Server, Page];`,
    ...declared,
    body,
  ].join('\n');
}

it('every snippet of the docs fits the package as it is', () => {
  const snippets = PAGES.flatMap(snippetsOf);
  expect(snippets.length).toBeGreaterThan(10);
  for (const [at, snippet] of snippets.entries()) {
    writeFileSync(join(app, `snippet-${at}.ts`), moduleOf(snippet));
  }
  const options = {
    ...{ target: 'es2022', module: 'nodenext', lib: ['es2022', 'dom', 'dom.iterable'], types: ['node'] },
    ...{
      strict: true,
      noImplicitAny: false,
      useUnknownInCatchVariables: false,
      noEmit: true,
      skipLibCheck: true,
    },
  };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  const complaints = typeErrors(['-p', '.'], app).replace(/snippet-(\d+)\.ts/g, (name, at) => {
    return snippets[Number(at)]?.where ?? name;
  });
  expect(complaints).toBe('');
  expect(existsSync(join(app, 'node_modules/@flux/sdk/dist/browser.d.ts'))).toBe(true);
});
