/** Owns the frame around what is set for the whole instance: the way to tokens, roles and namespaces, and which of them
 * somebody is shown. It holds none of those pages. */

export { mayOpenSettings } from './places.ts';
export { SettingsFrame } from './settings-frame.tsx';
export { SettingsPage } from './settings-page.tsx';
