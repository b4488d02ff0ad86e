import { getRouteApi } from '@tanstack/react-router';
import { useRef } from 'react';
import { strings } from '../strings.ts';
import { Button, PageHeading, SearchField, useDebouncedDraft } from '../ui/index.ts';
import { AuditList } from './audit-list.tsx';
import { eventSuggestions } from './events.ts';

const route = getRouteApi('/audit');

export function AuditPage() {
  const { event = '', user_id: userId = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const firstField = useRef<HTMLInputElement>(null);
  const eventField = useDebouncedDraft({
    committed: event,
    commit: (value) =>
      void navigate({ search: (now) => ({ ...now, event: value || undefined }), replace: true }),
  });
  const userField = useDebouncedDraft({
    committed: userId,
    commit: (value) =>
      void navigate({ search: (now) => ({ ...now, user_id: value || undefined }), replace: true }),
  });
  const isFiltered = event !== '' || userId !== '';

  const clear = () => {
    void navigate({ search: {}, replace: true });
    firstField.current?.focus();
  };

  return (
    <>
      <PageHeading title={strings.audit.title} />
      <search aria-label={strings.audit.filters}>
        <form
          className="toolbar toolbar-fields"
          onSubmit={(submission) => {
            submission.preventDefault();
            eventField.flush();
            userField.flush();
          }}
        >
          <SearchField
            label={strings.audit.event}
            placeholder={strings.audit.eventPlaceholder}
            value={eventField.draft}
            onChange={eventField.setDraft}
            suggestions={eventSuggestions}
            inputRef={firstField}
          />
          <SearchField
            label={strings.audit.userId}
            placeholder={strings.audit.userIdPlaceholder}
            value={userField.draft}
            onChange={userField.setDraft}
          />
          {isFiltered && (
            <Button variant="ghost" onClick={clear}>
              {strings.audit.clearFilters}
            </Button>
          )}
        </form>
      </search>
      <AuditList filter={{ userId, event }} showWho />
    </>
  );
}
