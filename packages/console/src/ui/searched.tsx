import { type ReactNode, useRef } from 'react';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';
import { SearchField } from './search-field.tsx';
import { useDebouncedDraft } from './use-debounced-draft.ts';

export interface Search {
  text: {
    searchLabel: string;
    searchPlaceholder: string;
    noMatchTitle: (query: string) => string;
    noMatchBody: string;
    /** On a button that empties the field where nothing was found. */
    clearSearch?: string;
  };
  /** What is searched for now, usually from the address. */
  query: string;
  onQuery: (query: string) => void;
}

interface SearchedProps extends Search {
  /** What was found, or what it is handed where that is nothing. */
  children: (noMatch: ReactNode) => ReactNode;
}

/** A field to search with, above what it finds. */
export function Searched({ text, query, onQuery, children }: SearchedProps) {
  const field = useRef<HTMLInputElement>(null);
  const search = useDebouncedDraft({ committed: query, commit: onQuery });
  // The button that clears goes away with what it cleared, so the focus is put where it is of use.
  const clear = () => {
    search.setDraft('');
    field.current?.focus();
  };
  return (
    <>
      <search>
        <form
          className="toolbar"
          onSubmit={(event) => {
            event.preventDefault();
            search.flush();
          }}
        >
          <SearchField
            label={text.searchLabel}
            labelHidden
            inputRef={field}
            placeholder={text.searchPlaceholder}
            value={search.draft}
            onChange={search.setDraft}
          />
        </form>
      </search>
      {children(
        <EmptyState icon="search" title={text.noMatchTitle(query)} body={text.noMatchBody}>
          {text.clearSearch !== undefined && <Button onClick={clear}>{text.clearSearch}</Button>}
        </EmptyState>,
      )}
    </>
  );
}
