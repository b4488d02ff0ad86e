import { type ReactNode, useEffect, useRef } from 'react';
import { strings } from '../strings.ts';
import { Button } from '../ui/index.ts';
import type { Keyed } from './draft.ts';
import { wordText } from './word-select.tsx';

interface RowsTableProps<Row> {
  caption: string;
  heads: readonly string[];
  rows: readonly Keyed<Row>[];
  /** The row in one line, for the name of the button that removes it. */
  textOf: (row: Row) => string;
  cellsOf: (row: Row) => readonly string[];
  fieldsOf: (row: Keyed<Row>, number: number) => readonly ReactNode[];
  readOnly: boolean;
  addLabel: string;
  onAdd: () => void;
  onRemove: (key: number) => void;
}

export function RowsTable<Row>({ rows, readOnly, ...table }: RowsTableProps<Row>) {
  const add = useRef<HTMLButtonElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const isAdding = useRef(false);

  // Whoever adds a row wants to fill it.
  useEffect(() => {
    if (!isAdding.current) return;
    isAdding.current = false;
    body.current?.querySelector<HTMLElement>('tr:last-child :is(input, select)')?.focus();
  });

  const remove = (key: number) => {
    table.onRemove(key);
    // The pressed button goes away with its row.
    add.current?.focus();
  };

  return (
    <div className="rows">
      {rows.length === 0 ? (
        <p className="rows-empty muted">{strings.rights.none}</p>
      ) : (
        <table className="table rows-table">
          <caption className="visually-hidden">{table.caption}</caption>
          <thead>
            <tr>
              {table.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
              {!readOnly && (
                <th scope="col">
                  <span className="visually-hidden">{strings.rights.columns.actions}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.map((row, index) => (
              <tr key={row.key}>
                {table.heads.map((head, column) => (
                  <td key={head} data-label={head}>
                    {readOnly
                      ? wordText(table.cellsOf(row)[column] ?? '')
                      : table.fieldsOf(row, index + 1)[column]}
                  </td>
                ))}
                {!readOnly && (
                  <td className="cell-actions cell-remove">
                    <Button
                      variant="ghost"
                      aria-label={strings.rights.removeRow(index + 1, table.textOf(row))}
                      onClick={() => remove(row.key)}
                    >
                      {strings.rights.remove}
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!readOnly && (
        <Button
          ref={add}
          onClick={() => {
            isAdding.current = true;
            table.onAdd();
          }}
        >
          {table.addLabel}
        </Button>
      )}
    </div>
  );
}
