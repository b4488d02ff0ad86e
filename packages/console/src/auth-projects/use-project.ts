import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { type AuthProject, type AuthProjectChange, keys, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { useConfirmedAction } from '../sudo/index.ts';
import { useNotice } from '../ui/index.ts';

const ProjectContext = createContext<AuthProject | null>(null);

export const ProjectProvider = ProjectContext.Provider;

/** The project whose pages these are; its frame draws none of them before it is there. */
export function useProject(): { project: AuthProject; readOnly: boolean } {
  const project = useContext(ProjectContext);
  if (project === null) throw new Error('useProject needs a ProjectFrame above it');
  return { project, readOnly: !useMay().administer('auth-projects', 'write') };
}

/** Changes what is named and nothing else; `said` tells what is so now. */
export function useProjectChange(onSaved: (changed: AuthProject) => void = () => {}) {
  const { project } = useProject();
  const api = useAdminApi();
  const client = useQueryClient();
  const notify = useNotice();
  return useConfirmedAction({
    run: async ({ change, said }: { change: AuthProjectChange; said?: string }) => ({
      changed: await api.changeAuthProject(project.id, change),
      said,
    }),
    changes: [keys.authProjects, keys.audit],
    onDone({ changed, said = strings.authSettings.saved }) {
      client.setQueryData(keys.authProject(project.id), changed);
      notify(said);
      onSaved(changed);
    },
  });
}
