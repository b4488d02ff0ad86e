import { createContext, useContext } from 'react';
import type { AdminApi } from './admin-api.ts';

const AdminApiContext = createContext<AdminApi | null>(null);

export const AdminApiProvider = AdminApiContext.Provider;

export function useAdminApi(): AdminApi {
  const api = useContext(AdminApiContext);
  if (api === null) throw new Error('useAdminApi needs an AdminApiProvider above it');
  return api;
}
