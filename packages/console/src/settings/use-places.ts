import { useQuery } from '@tanstack/react-query';
import { meQuery, useAdminApi } from '../api/index.ts';
import { type SettingsPlace, settingsPlaces } from './places.ts';

export function usePlaces(): SettingsPlace[] {
  const { data } = useQuery(meQuery(useAdminApi()));
  return data ? settingsPlaces({ admin: data.permissions, resources: data.resources }) : [];
}
