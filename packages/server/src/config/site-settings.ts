import { whole } from './kinds.ts';
import { setting } from './setting.ts';

const MEBIBYTE = 1_048_576;

/** What Flecto's agents serve, and the agents themselves (Flecto contract A13). */
export const siteSettings = {
  pageSizeLimitBytes: setting({
    path: 'flecto.page_size_limit_bytes',
    schema: whole(1, 16 * MEBIBYTE),
    default: MEBIBYTE,
    about: 'Largest page of a Flecto project, in bytes of UTF-8.',
  }),
  pagesSizeLimitBytes: setting({
    path: 'flecto.total_page_size_limit_bytes',
    schema: whole(1, 1_024 * MEBIBYTE),
    default: 100 * MEBIBYTE,
    about: 'All pages of one Flecto project together.',
  }),
  agentOfflineHours: setting({
    path: 'flecto.agent_offline_hours',
    schema: whole(1, 8_760),
    default: 6,
    about: 'A Flecto agent counts as offline when it was not heard of for this long.',
  }),
};
