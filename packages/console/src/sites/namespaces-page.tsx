import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, type Namespace, namespacesQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Button, ListPage, Table } from '../ui/index.ts';
import { CreateDialog } from './create-dialog.tsx';

const route = getRouteApi('/settings/namespaces');
const text = strings.namespaces;
const { columns } = text;

export function NamespacesPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const api = useAdminApi();
  const mayWrite = useMay().administer('namespaces', 'write');
  const namespaces = useInfiniteQuery(namespacesQuery(api, query));
  const [isCreating, setCreating] = useState(false);

  return (
    <>
      <ListPage
        title={text.title}
        text={text}
        icon="device"
        list={namespaces}
        search={{
          text,
          query,
          onQuery: (value) => void navigate({ search: { query: value || undefined }, replace: true }),
        }}
        action={
          mayWrite && (
            <Button variant="primary" onClick={() => setCreating(true)}>
              {text.create}
            </Button>
          )
        }
      >
        {(items) => <NamespacesTable namespaces={items} />}
      </ListPage>
      {isCreating && (
        <CreateDialog
          title={text.create}
          run={api.createNamespace}
          changes={[keys.namespaces, keys.audit]}
          onDismiss={() => setCreating(false)}
        />
      )}
    </>
  );
}

function NamespacesTable({ namespaces }: { namespaces: readonly Namespace[] }) {
  return (
    <Table caption={text.caption} columns={[columns.code, columns.name, columns.created]}>
      {namespaces.map(({ code, name, created_at }) => (
        <tr key={code} className="row-link">
          <td className="cell-lead">
            <Link
              to="/settings/namespaces/$namespace"
              params={{ namespace: code }}
              className="identity-name wrap-anywhere"
            >
              {code}
            </Link>
          </td>
          <td data-label={columns.name}>
            <span className="wrap-anywhere">{name}</span>
          </td>
          <td data-label={columns.created}>
            <Time iso={created_at} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
