/**
 * Owns the pieces every screen is made of: buttons, badges, dialogs, the loading, empty and error states, and notices.
 * They know the catalogue of strings and the shape of a problem, but no user, session or audit record.
 */

export { Badge, type Tone } from './badge.tsx';
export { Button } from './button.tsx';
export { Choice } from './choice.tsx';
export { ConfirmDialog } from './confirm-dialog.tsx';
export { CopiedValue } from './copied-value.tsx';
export { CopyButton } from './copy-button.tsx';
export { describeProblem } from './describe-problem.ts';
export { Dialog, DialogActions } from './dialog.tsx';
export { EmptyState } from './empty-state.tsx';
export { ErrorState } from './error-state.tsx';
export { Fact } from './fact.tsx';
export { Field } from './field.tsx';
export { fieldErrorOf } from './field-error.ts';
export { FormProblem } from './form-problem.tsx';
export { Icon } from './icon.tsx';
export { ListPage, SearchedList } from './list-page.tsx';
export { LoadMore } from './load-more.tsx';
export { Logo } from './logo.tsx';
export { NoticeProvider, useNotice } from './notices.tsx';
export { focusPageHeading, PageHeading } from './page-heading.tsx';
export { PagedList } from './paged-list.tsx';
export { SearchField } from './search-field.tsx';
export { SkeletonRows } from './skeleton.tsx';
export { Switch } from './switch.tsx';
export { Table } from './table.tsx';
export { useCopy } from './use-copy.ts';
export { useDebouncedDraft } from './use-debounced-draft.ts';
