import { type Setting, variableOf } from './setting.ts';
import { settings } from './settings.ts';

/** `docs/configuration.md`, from the list itself. */
export function renderSettingsPage(): string {
  const rows = (Object.values(settings) as Setting[]).map((setting) => {
    const variable = `\`${variableOf(setting.path)}\`${setting.secret ? ' (or `…_FILE`)' : ''}`;
    return `| ${variable} | \`${setting.path}\` | ${shown(setting.default)} | ${setting.about} |`;
  });
  return [
    '# Configuration',
    '',
    'Generated from the lists in `packages/server/src/config/` by `npm run generate`; do not edit by hand.',
    '',
    'Every setting is an environment variable and a path in `fluxgate.yaml` (in the working folder, or where',
    '`FLUXGATE_CONFIG` points). A variable wins over the file. Secrets can also come from a file: the variable',
    'with `_FILE` at its end names it. What is not a setting stops the start, so that a typing mistake cannot hide.',
    '`fluxgate config show` prints what is in force and where it comes from; `fluxgate doctor` says what is unfit',
    'for production.',
    '',
    '```yaml',
    '# fluxgate.yaml',
    'public_url: https://login.example.com',
    'trusted_proxies: [loopback]',
    'session:',
    '  idle_hours: 72',
    '```',
    '',
    'The blocks `auth` and `cookie` are also taken in camelCase (`auth.sudoModeSecret`, `cookie.maxAge`; there',
    '`auth.passkeys.allowedOrigins` is `auth.passkeys.additional_allowed_origins`), and mail as the file of a Fluxer',
    'server says it (`integrations.email`). One setting in two spellings stops the start.',
    '',
    'No secret has a default. One that is set, but empty, too short or a sample value stops the start.',
    '',
    '| Variable | In the file | Default | What it does |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function shown(value: unknown): string {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return 'empty';
  if (typeof value === 'boolean') return value ? '`on`' : '`off`';
  return `\`${String(value)}\``;
}
