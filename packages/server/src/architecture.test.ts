import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The rules of ARCHITECTURE.md, each with its reason: what fails prints why the rule is there. */
const SRC = dirname(fileURLToPath(import.meta.url));

interface Source {
  path: string;
  text: string;
  isTest: boolean;
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourcesIn(path);
    if (!/\.tsx?$/.test(name)) return [];
    const shown = relative(SRC, path);
    const isTest = /\.test\.tsx?$/.test(name) || shown.startsWith('testing/');
    return [{ path: shown, text: readFileSync(path, 'utf8'), isTest }];
  });
}

const all = sourcesIn(SRC);
/** The generators are users of what the server exports, too. */
const TOOLS = join(SRC, '../../../tools');
const tools: Source[] = readdirSync(TOOLS)
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => ({ path: `tools/${name}`, text: readFileSync(join(TOOLS, name), 'utf8'), isTest: false }));
const shipped = all.filter(({ isTest }) => !isTest);

/** What a file imports of ours, as paths below `src`; `import type` counts too: a type is also knowledge. */
function importsOf({ path, text }: Source): string[] {
  return [...text.matchAll(/from '(\.{1,2}\/[^']+)'/g)].map(([, specifier]) =>
    relative(SRC, join(SRC, dirname(path), specifier ?? '')),
  );
}

function offenders(files: readonly Source[], isWrong: (file: Source) => boolean): string[] {
  return files.filter(isWrong).map(({ path }) => path);
}

function importing(pattern: RegExp): (file: Source) => boolean {
  return (file) => importsOf(file).some((path) => pattern.test(path));
}

function isNamedIn(name: string, where: (file: Source) => boolean): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  return [...all, ...tools].some((file) => where(file) && word.test(file.text));
}

/** A re-export is no use; `methods/index.ts` is where methods are put to use. */
function isDoor({ path }: Source): boolean {
  return path.endsWith('/index.ts') && path !== 'methods/index.ts';
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

const under = (folder: string) => shipped.filter(({ path }) => path.startsWith(folder));

describe('rule 1, one way in: whoever issues a session without the gate forgets what the gate asks', () => {
  // A hand-off lets in nobody new: whoever completes it is in a session, and the app gets a sibling of it.
  it('issues sessions only in the gate, when a password change replaces them, and for a hand-off', () => {
    const issuers = offenders(under('core/'), ({ text }) => /\bsessions\.issue\(/.test(text));
    expect(issuers.sort()).toEqual([
      'core/handoff/handoff.ts',
      'core/recovery/recovery.ts',
      'core/sign-in/conclude.ts',
    ]);
    expect(offenders(shipped, ({ text }) => /\.issue\(tx/.test(text)).sort()).toEqual(issuers.sort());
  });

  it('writes session rows in one place', () => {
    expect(offenders(shipped, ({ text }) => /insertInto\('session'\)/.test(text))).toEqual([
      'core/session/session-store.ts',
    ]);
  });
});

describe('rule 2, one way out: two places that word refusals soon word them differently, and one becomes an oracle', () => {
  it("lets only errors.ts pick a refusal's status on the API surfaces", () => {
    const routes = [
      'surfaces/fluxer/',
      'surfaces/flecto/',
      'surfaces/flux/',
      'surfaces/forward-auth/',
      'surfaces/admin/',
    ]
      .flatMap(under)
      .filter(({ path }) => !path.endsWith('/errors.ts'));
    expect(
      offenders(routes, ({ text }) => /\.code\((?!204\))/.test(text) || /\bstatus: [45]\d\d/.test(text)),
    ).toEqual([]);
  });

  it('answers every refusal of core on every surface by an exhaustive record', () => {
    const records = {
      'surfaces/fluxer/errors.ts': /\[Code in AuthErrorCode\]:/,
      'surfaces/admin/errors.ts': /Record<AuthErrorCode, /,
      'surfaces/flecto/errors.ts': /Record<AuthErrorCode, /,
      'surfaces/flux/errors.ts': /Record<AuthErrorCode, /,
      'pages-kit/strings.ts': /Record<AuthErrorCode, /,
    };
    for (const [path, pattern] of Object.entries(records)) {
      expect(shipped.find((file) => file.path === path)?.text, path).toMatch(pattern);
    }
  });
});

describe('rule 3, who knows whom: what everybody may import, nobody can change', () => {
  it('keeps storage out of surfaces', () => {
    expect(offenders(under('surfaces/'), importing(/^storage\//))).toEqual([]);
  });

  it('keeps web frameworks, surfaces and methods out of core', () => {
    const core = under('core/');
    expect(offenders(core, importing(/^(surfaces|methods|http|config|cli)\//))).toEqual([]);
    expect(offenders(core, ({ text }) => /from '(@?fastify|preact)/.test(text))).toEqual([]);
  });

  it('keeps surfaces from knowing each other and methods from knowing surfaces or their siblings', () => {
    const strangers = (folder: string) => (file: Source) => {
      const own = file.path.split('/').slice(0, 2).join('/');
      return importsOf(file).some((path) => path.startsWith(folder) && !path.startsWith(`${own}/`));
    };
    expect(offenders(under('surfaces/'), strangers('surfaces/'))).toEqual([]);
    const methods = under('methods/').filter(({ path }) => path !== 'methods/index.ts');
    expect(offenders(methods, strangers('methods/'))).toEqual([]);
    expect(offenders(methods, importing(/^(surfaces|http)\//))).toEqual([]);
  });

  it('keeps the floor below the house: storage, crypto, geo, lookups, outbound, openid and delivery know nothing of core', () => {
    for (const folder of ['storage/', 'crypto/', 'geo/', 'lookups/', 'outbound/', 'openid/', 'delivery/']) {
      expect(offenders(under(folder), importing(/^(core|methods|surfaces|http|config)\//)), folder).toEqual(
        [],
      );
    }
  });

  it('keeps what all pages share from knowing a surface, or where anything is kept', () => {
    expect(offenders(under('pages-kit/'), importing(/^(storage|methods|surfaces|config)\//))).toEqual([]);
  });

  it('keeps the puzzles of a CAPTCHA behind the port of core: who must solve one, and once, is not theirs to say', () => {
    expect(offenders(under('captcha/'), importing(/^(storage|methods|surfaces|http|config)\//))).toEqual([]);
  });

  it('enters a feature of core by its door', () => {
    const isInside = (file: Source, path: string) => {
      const [, feature, inner] = path.split('/');
      if (!path.startsWith('core/') || inner === undefined || inner === 'index.ts') return false;
      return !file.path.startsWith(`core/${feature}/`);
    };
    expect(offenders(shipped, (file) => importsOf(file).some((path) => isInside(file, path)))).toEqual([]);
  });
});

describe('rule 4, nothing global: a test that cannot move the clock sleeps instead, and lies', () => {
  /** The composition roots, and the worker that has no caller to be handed anything by. */
  const roots = new Set(['command-line.ts', 'server.ts']);
  const elsewhere = shipped.filter(({ path }) => !roots.has(path));

  it('hands in time and chance', () => {
    expect(
      offenders(elsewhere, ({ text }) => /\bDate\.now\b|new Date\(\)|Math\.random\(/.test(text)),
    ).toEqual([]);
    expect(
      offenders(elsewhere, ({ text }) => /\brandom(Bytes|UUID|Int)\b.*from 'node:crypto'/.test(text)),
    ).toEqual([]);
  });

  it('reads the environment, prints and ends the process only on the command line', () => {
    const others = shipped.filter(({ path }) => !['main.ts', 'command-line.ts'].includes(path));
    expect(
      offenders(others, ({ text }) =>
        /process\.(env|exit)\b|\bconsole\.(log|info|warn|error)|process\.std(out|err)/.test(text),
      ),
    ).toEqual([]);
  });
});

describe('rule 5, once is one statement: read-then-write is won by whoever is second', () => {
  it('spends link tokens by the conditional update', () => {
    const store = shipped.find(({ path }) => path === 'core/link-token/link-token-store.ts');
    expect(store?.text).toMatch(
      /consumed\(\s*tx\s*\.updateTable\('link_token'\)[\s\S]*where\('consumed_at', 'is', null\)/,
    );
  });

  it('spends mailed links and the tries of their codes by conditional updates', () => {
    const store = shipped.find(({ path }) => path === 'core/magic-link/magic-link-store.ts');
    const once = /consumed\(\s*tx\s*\.updateTable\('magic_link'\)[\s\S]*where\('consumed_at', 'is', null\)/;
    expect(store?.text).toMatch(once);
    expect(store?.text).toMatch(/set\(\{ tries: sql[^;]*where\('tries', '<', maxTries\)/);
  });

  it('spends attempts at a provider by the conditional update', () => {
    const store = shipped.find(({ path }) => path === 'core/sso/attempt-store.ts');
    expect(store?.text).toMatch(
      /consumed\(\s*db\s*\.updateTable\('sso_attempt'\)[\s\S]*where\('consumed_at', 'is', null\)/,
    );
  });

  it('spends what a browser comes back with by the conditional update', () => {
    for (const [path, table] of [
      ['core/social/attempt-store.ts', 'social_attempt'],
      ['core/return-code/return-code-store.ts', 'return_code'],
    ]) {
      const store = shipped.find((file) => file.path === path);
      const spent = `updateTable\\('${table}'\\)[^;]*where\\('consumed_at', 'is', null\\)[^;]*returning`;
      expect(store?.text, path).toMatch(new RegExp(spent));
    }
  });

  it('completes a hand-off, and fetches what waits under it, by the conditional update', () => {
    const store = shipped.find(({ path }) => path === 'core/handoff/handoff-store.ts');
    for (const state of ['pending', 'completed']) {
      const spent = `consumed\\(\\s*tx\\s*\\.updateTable\\('handoff'\\)[^;]*where\\('state', '=', '${state}'\\)`;
      expect(store?.text).toMatch(new RegExp(spent));
    }
  });
});

describe('the house: a newcomer finds a thing where its name says', () => {
  it('opens each folder with a paragraph on what it owns', () => {
    const folders = new Set(
      shipped
        .map(({ path }) => dirname(path))
        .filter((folder) => folder !== '.' && !/^(core|surfaces)$|\/assets$|delivery\/mail$/.test(folder)),
    );
    const silent = [...folders].filter((folder) => {
      const door = shipped.find(({ path }) => path === `${folder}/index.ts`);
      return !door || !/^\/\*\*\n \* (Owns|Every way)/.test(door.text);
    });
    expect(silent).toEqual([]);
  });

  it('is drawn in ARCHITECTURE.md, every room of it', () => {
    const drawn = readFileSync(join(SRC, '../../../ARCHITECTURE.md'), 'utf8');
    const rooms = new Set(
      shipped.flatMap(({ path }) => {
        const [first = '', second = '', inner] = path.split('/');
        const isHall = ['core', 'methods', 'surfaces'].includes(first);
        if (second === '') return [first];
        if (!isHall) return [`${first}/`];
        return second === 'index.ts' ? [] : [inner === undefined ? second : `${second}/`];
      }),
    );
    expect([...rooms].filter((room) => !drawn.includes(` ${room}`))).toEqual([]);
  });

  it('has no file over 400 lines', () => {
    expect(offenders(all, ({ text }) => text.split('\n').length > 400)).toEqual([]);
  });

  it('exports no value that no other file uses', () => {
    const unused = shipped.flatMap(({ path, text }) =>
      [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
        .map(([, name]) => name ?? '')
        .filter((name) => !isNamedIn(name, (other) => other.path !== path && !isDoor(other)))
        .map((name) => `${path}: ${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('opens a door only to what somebody outside comes for', () => {
    const doors = shipped.filter(({ path }) => path.endsWith('/index.ts'));
    const unused = doors.flatMap(({ path, text }) => {
      const folder = `${dirname(path)}/`;
      return [...text.matchAll(/^export \{([^}]*)\}/gm)]
        .flatMap(([, names]) => (names ?? '').split(','))
        .map((name) => name.trim())
        .filter(
          (name) =>
            name !== '' &&
            !name.startsWith('type ') &&
            !isNamedIn(name, (other) => !other.path.startsWith(folder)),
        )
        .map((name) => `${path}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it('leaves no way around the type checker', () => {
    const escapes = ({ text }: Source) =>
      /\bas any\b|: any\b/.test(withoutComments(text)) || /@ts-(ignore|expect-error|nocheck)/.test(text);
    expect(offenders(shipped, escapes)).toEqual([]);
  });
});
