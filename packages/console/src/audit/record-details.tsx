import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/index.ts';
import { strings } from '../strings.ts';
import { formatAbsolute } from '../time/index.ts';
import { ActorLink, UserLink } from './who.tsx';

const names = strings.audit.detail;

interface RecordDetailsProps {
  record: AuditRecord;
  projectId: string | undefined;
}

export function RecordDetails({ record, projectId }: RecordDetailsProps) {
  const rows: [name: string, value: ReactNode][] = [
    [names.at, formatAbsolute(record.at)],
    [names.id, code(record.id)],
    [names.user, record.user_id && <UserLink id={record.user_id} projectId={projectId} />],
    [
      names.actor,
      record.actor_id &&
        (record.actor_id === record.user_id ? (
          <UserLink id={record.actor_id} projectId={projectId} />
        ) : (
          <ActorLink id={record.actor_id} />
        )),
    ],
    [names.session, code(record.session_id)],
    [names.method, record.method],
    [names.outcome, record.outcome],
    [names.address, record.address],
    [names.userAgent, record.user_agent],
    ...Object.entries(record.details).map(([name, value]): [string, ReactNode] => [name, value?.toString()]),
  ];
  return (
    <dl className="facts">
      {rows.map(
        ([name, value]) =>
          value && (
            <div className="fact" key={name}>
              <dt>{name}</dt>
              <dd className="wrap-anywhere">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function code(value: string | null): ReactNode {
  return value && <code>{value}</code>;
}
