import { useId, useState } from 'react';
import type { AuditRecord } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Badge, Icon } from '../ui/index.ts';
import { eventTone } from './events.ts';
import { RecordDetails } from './record-details.tsx';
import { Who } from './who.tsx';

const { columns } = strings.audit;

interface AuditRowProps {
  record: AuditRecord;
  showWho: boolean;
  projectId: string | undefined;
}

export function AuditRow({ record, showWho, projectId }: AuditRowProps) {
  const [expanded, setExpanded] = useState(false);
  const detailsId = useId();
  const how = [record.method, record.outcome].filter((part) => part !== null).join(' · ');
  return (
    <>
      <tr data-expanded={expanded}>
        <td className="cell-lead">
          <Badge tone={eventTone(record.event)}>
            <code>{record.event}</code>
          </Badge>
        </td>
        <td data-label={columns.at}>
          <Time iso={record.at} />
        </td>
        {showWho && (
          <td className="cell-who" data-label={columns.who}>
            <Who record={record} projectId={projectId} />
          </td>
        )}
        <td className="cell-how" data-label={columns.how}>
          {how || strings.common.none}
        </td>
        <td className="cell-address" data-label={columns.from}>
          <span className="wrap-anywhere">{record.address ?? strings.common.none}</span>
        </td>
        <td className="cell-actions">
          <button
            type="button"
            className="icon-button disclosure"
            aria-expanded={expanded}
            aria-controls={detailsId}
            aria-label={strings.audit.showDetails(record.event)}
            onClick={() => setExpanded(!expanded)}
          >
            <Icon name="chevron" />
          </button>
        </td>
      </tr>
      <tr id={detailsId} className="row-details" hidden={!expanded}>
        <td colSpan={showWho ? 6 : 5}>
          {expanded && <RecordDetails record={record} projectId={projectId} />}
        </td>
      </tr>
    </>
  );
}
