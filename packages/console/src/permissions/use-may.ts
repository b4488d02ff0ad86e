import { useQuery } from '@tanstack/react-query';
import { meQuery, useAdminApi } from '../api/index.ts';
import { type Action, type AdminSection, mayAdminister, mayOnSites, type SiteQuestion } from './may.ts';

interface May {
  administer: (section: AdminSection, action: Action) => boolean;
  onSites: (question: SiteQuestion) => boolean;
}

/** What to offer to whoever is signed in. */
export function useMay(): May {
  const { data } = useQuery(meQuery(useAdminApi()));
  return {
    administer: (section, action) => mayAdminister(data?.permissions ?? [], section, action),
    onSites: (question) => mayOnSites(data?.resources ?? [], question),
  };
}
