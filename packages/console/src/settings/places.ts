import type { Permissions } from '../api/index.ts';
import { mayAdminister } from '../permissions/index.ts';
import { strings } from '../strings.ts';

const { settings } = strings;

export interface SettingsPlace {
  to: '/settings/tokens' | '/settings/roles' | '/settings/namespaces';
  title: string;
  body: string;
}

/** Where somebody may read anything, in the order of the navigation. */
export function settingsPlaces(held: Permissions): SettingsPlace[] {
  const places: (SettingsPlace & { isOpen: boolean })[] = [
    {
      to: '/settings/tokens',
      title: settings.tokens,
      body: settings.tokensBody,
      isOpen: mayAdminister(held.admin, 'tokens', 'read'),
    },
    {
      to: '/settings/roles',
      title: settings.roles,
      body: settings.rolesBody,
      isOpen: mayAdminister(held.admin, 'roles', 'read'),
    },
    {
      to: '/settings/namespaces',
      title: settings.namespaces,
      body: settings.namespacesBody,
      // A right on what is in one shows that one (Flecto contract A11).
      isOpen:
        mayAdminister(held.admin, 'namespaces', 'read') ||
        held.resources.some(({ action }) => action === 'read' || action === '*'),
    },
  ];
  return places.filter(({ isOpen }) => isOpen).map(({ isOpen: _, ...place }) => place);
}

export function mayOpenSettings(held: Permissions): boolean {
  return settingsPlaces(held).length > 0;
}
