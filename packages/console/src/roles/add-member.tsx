import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { keys, type Member, type User, useAdminApi, usersQuery } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, FormProblem, SearchField, useDebouncedDraft, useNotice } from '../ui/index.ts';
import { displayName, handle } from '../users/index.ts';

const text = strings.roles;
/** More than these and somebody types another letter. */
const shownAtMost = 5;

export function AddMember({ code, members }: { code: string; members: readonly Member[] }) {
  const api = useAdminApi();
  const notify = useNotice();
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const search = useDebouncedDraft({ committed: query, commit: setQuery });
  const found = useInfiniteQuery({ ...usersQuery(api, query), enabled: query !== '' });
  const add = useConfirmedAction({
    run: async (user: User) => {
      await api.addMember(code, user.id);
      return user;
    },
    changes: [keys.members(code), keys.audit, keys.allRights, keys.me],
    onDone(user) {
      notify(text.added(displayName(user)));
      setQuery('');
      search.setDraft('');
      field.current?.focus();
    },
  });
  const present = new Set(members.map(({ id }) => id));
  const candidates = (query === '' ? [] : (found.data?.pages[0]?.items ?? []))
    .filter(({ id }) => !present.has(id))
    .slice(0, shownAtMost);

  return (
    <div className="add-member">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search.flush();
        }}
      >
        <SearchField
          label={text.addLabel}
          placeholder={text.addPlaceholder}
          value={search.draft}
          onChange={search.setDraft}
          inputRef={field}
        />
      </form>
      <p className="field-hint muted" role="status">
        {query !== '' && found.data !== undefined && candidates.length === 0 && text.addNobody}
      </p>
      {candidates.length > 0 && (
        <ul className="card candidates" aria-label={text.candidates}>
          {candidates.map((user) => (
            <li key={user.id}>
              <span className="stack wrap-anywhere">
                <span className="strong">{displayName(user)}</span>
                <span className="muted">{user.emails[0]?.address ?? user.login_name ?? handle(user)}</span>
              </span>
              <Button
                aria-label={text.addNamed(displayName(user))}
                onClick={() => !add.isPending && add.mutate(user)}
              >
                {text.add}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <FormProblem error={shownError(add.error)} />
    </div>
  );
}
