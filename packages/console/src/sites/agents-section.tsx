import { useInfiniteQuery } from '@tanstack/react-query';
import { type Agent, agentsQuery, type ProjectAddress, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Badge, EmptyState, PagedList, Table } from '../ui/index.ts';

const text = strings.agents;
const { columns } = text;
const nanosecondsPerMillisecond = 1_000_000;

export function AgentsSection({ at }: { at: ProjectAddress }) {
  const agents = useInfiniteQuery(agentsQuery(useAdminApi(), at));
  return (
    <section className="section" aria-labelledby="agents-title">
      <h2 id="agents-title">{text.title}</h2>
      <PagedList
        list={agents}
        found={text.found}
        empty={<EmptyState icon="device" title={text.emptyTitle} body={text.emptyBody} />}
      >
        {(items) => <AgentsTable agents={items} />}
      </PagedList>
    </section>
  );
}

function AgentsTable({ agents }: { agents: readonly Agent[] }) {
  return (
    <Table
      caption={text.caption}
      columns={[columns.name, columns.status, columns.version, columns.load, columns.lastHit]}
    >
      {agents.map((agent) => (
        <tr key={agent.name}>
          <td className="cell-lead">
            <span className="stack wrap-anywhere">
              <span className="strong">{agent.name}</span>
              <span className="muted">{agent.type}</span>
            </span>
          </td>
          <td data-label={columns.status}>
            <span className="stack wrap-anywhere">
              <span className="badges">
                <Badge tone={agent.status === 'success' ? 'good' : 'bad'}>{agent.status}</Badge>
                {agent.offline && <Badge tone="warning">{text.offline}</Badge>}
              </span>
              {agent.error !== '' && <span className="muted">{agent.error}</span>}
            </span>
          </td>
          <td data-label={columns.version}>{agent.version}</td>
          <td data-label={columns.load}>
            {text.milliseconds(Math.round(agent.load_duration / nanosecondsPerMillisecond))}
          </td>
          <td data-label={columns.lastHit}>
            <Time iso={agent.last_hit_at} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
