import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../api/index.ts';
import { EmptyState } from './empty-state.tsx';
import type { IconName } from './icon.tsx';
import { PageHeading } from './page-heading.tsx';
import { PagedList } from './paged-list.tsx';
import { type Search, Searched } from './searched.tsx';

interface ListText {
  found: (count: number, more: boolean) => string;
  emptyTitle: string;
  emptyBody: string;
}

interface ListProps<Item> {
  text: ListText;
  icon: IconName;
  list: UseInfiniteQueryResult<InfiniteData<Page<Item>>, Error>;
  /** Where the list can be searched. */
  search?: Search;
  children: (items: readonly Item[]) => ReactNode;
}

interface ListPageProps<Item> extends ListProps<Item> {
  title: string;
  /** What these are, where the title alone does not tell. */
  body?: string;
  /** Beside the title; for who may. */
  action: ReactNode;
}

/** A page that is one list: what it is called, how to make another, how to find one. */
export function ListPage<Item>({ title, body, action, ...list }: ListPageProps<Item>) {
  return (
    <>
      <div className="title-row">
        <PageHeading title={title} />
        {action}
      </div>
      {body !== undefined && <p className="page-body muted">{body}</p>}
      <SearchedList {...list} />
    </>
  );
}

export function SearchedList<Item>({ text, icon, list, search, children }: ListProps<Item>) {
  const none = <EmptyState icon={icon} title={text.emptyTitle} body={text.emptyBody} />;
  const withEmpty = (empty: ReactNode) => (
    <PagedList list={list} found={text.found} empty={empty}>
      {children}
    </PagedList>
  );
  if (search === undefined) return withEmpty(none);
  return <Searched {...search}>{(noMatch) => withEmpty(search.query === '' ? none : noMatch)}</Searched>;
}
