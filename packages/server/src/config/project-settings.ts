import { z } from 'zod';
import { setting } from './setting.ts';

const slug = z.string().regex(/^[a-z0-9-]{0,50}$/, 'use the slug of a project, such as `default`');

/** Which project's users each of the two frozen interfaces serves (design section 5). */
export const projectSettings = {
  fluxerProject: setting({
    path: 'fluxer.project',
    schema: slug,
    default: '',
    about:
      "Slug of the project whose users sign in at Fluxer's API. It must be there: `npm run fluxgate -- project create`. Empty: the default project, which administrators live in.",
  }),
  flectoProject: setting({
    path: 'flecto.project',
    schema: slug,
    default: '',
    about:
      "Slug of the project whose users sign in at Flecto's API. Namespaces, projects, agents and API tokens are the same in any case. Empty: the default project, which administrators live in.",
  }),
};
