import { Navigate } from '@tanstack/react-router';
import { UsersPage } from '../users/index.ts';
import { useSections } from './sections.ts';

/** Users, or for who may not read them the first thing that they may. */
export function Home() {
  const [first] = useSections();
  if (first !== undefined && first.to !== '/') return <Navigate to={first.to} replace />;
  return <UsersPage />;
}
