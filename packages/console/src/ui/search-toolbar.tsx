import { SearchField } from './search-field.tsx';
import { useDebouncedDraft } from './use-debounced-draft.ts';

interface SearchToolbarProps {
  label: string;
  placeholder: string;
  /** What is searched for now, usually from the address. */
  query: string;
  onQuery: (query: string) => void;
}

export function SearchToolbar({ label, placeholder, query, onQuery }: SearchToolbarProps) {
  const search = useDebouncedDraft({ committed: query, commit: onQuery });
  return (
    <search>
      <form
        className="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          search.flush();
        }}
      >
        <SearchField
          label={label}
          labelHidden
          placeholder={placeholder}
          value={search.draft}
          onChange={search.setDraft}
        />
      </form>
    </search>
  );
}
