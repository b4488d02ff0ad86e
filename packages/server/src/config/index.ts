/**
 * Owns settings: their names, meanings and defaults in one list, read from the environment and an optional YAML
 * file into one frozen object. A variable wins over the file; what is not understood stops the start.
 */
export { type Config, loadConfig } from './load.ts';
export { type SettingName, settings } from './settings.ts';
export { renderSettingsPage } from './settings-page.ts';
