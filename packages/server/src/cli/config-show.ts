import { type Config, type SettingName, settings } from '../config/index.ts';
import type { Setting } from '../config/setting.ts';

const WIDEST_VALUE = 48;

/** Every setting in force and where it comes from; secrets are masked. */
export function showConfig(config: Config): string {
  const rows = (Object.entries(settings) as [SettingName, Setting][]).map(([name, setting]) => {
    const value = config[name];
    return [setting.path, setting.secret ? masked(value) : shown(value), config.origins[name]] as const;
  });
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  // One long list would push where the others come from off the screen.
  const [first, second] = [width(0), Math.min(width(1), WIDEST_VALUE)];
  return rows
    .map(([path, value, origin]) => `${path.padEnd(first)}  ${value.padEnd(second)}  ${origin}`)
    .join('\n');
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.join(', ') || '(empty)';
  return value === undefined || value === '' ? '(empty)' : String(value);
}

function masked(value: unknown): string {
  const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  return isEmpty ? '(empty)' : '********';
}
