import { useState } from 'react';

export interface Draft<Group> {
  value: Group;
  set: (part: Partial<Group>) => void;
  /** What differs from what is kept, to be sent. */
  changes: Partial<Group>;
  isChanged: boolean;
  discard: () => void;
}

/** A group while it is edited. Only what was touched is held, so that what others change meanwhile is not put back. */
export function useDraft<Group extends object>(saved: Group): Draft<Group> {
  const [touched, setTouched] = useState<Partial<Group>>({});
  const changes = changesOf(saved, touched);
  return {
    value: { ...saved, ...touched },
    set: (part) => setTouched((before) => ({ ...before, ...part })),
    changes,
    isChanged: Object.keys(changes).length > 0,
    discard: () => setTouched({}),
  };
}

export function changesOf<Group extends object>(saved: Group, touched: Partial<Group>): Partial<Group> {
  const names = Object.keys(touched) as (keyof Group)[];
  const changed = names.filter((name) => JSON.stringify(touched[name]) !== JSON.stringify(saved[name]));
  return Object.fromEntries(changed.map((name) => [name, touched[name]])) as Partial<Group>;
}
