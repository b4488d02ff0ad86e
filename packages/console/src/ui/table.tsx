import type { ReactNode } from 'react';

export interface Column {
  title: string;
  /** Of a column whose cells say by themselves what they are, such as buttons: the title is heard, not seen. */
  isHidden?: boolean;
  className?: string;
}

interface TableProps {
  /** Heard, not seen: the heading above says it to everybody else. */
  caption: string;
  columns: readonly (string | Column)[];
  className?: string;
  /** The rows. Narrow screens stack their cells, so each bears its column's title as `data-label`. */
  children: ReactNode;
}

export function Table({ caption, columns, className, children }: TableProps) {
  return (
    <table className={className === undefined ? 'table' : `table ${className}`}>
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={titleOf(column)} {...(typeof column === 'string' ? { title: column } : column)} />
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function Head({ title, isHidden = false, className }: Column) {
  return (
    <th scope="col" className={className}>
      {isHidden ? <span className="visually-hidden">{title}</span> : title}
    </th>
  );
}

function titleOf(column: string | Column): string {
  return typeof column === 'string' ? column : column.title;
}
