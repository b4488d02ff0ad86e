/** Drawn for a 16 by 16 grid with a stroke of 1.5; always decoration, the words beside them carry the meaning. */
const paths = {
  alert: 'M8 2.2 14.2 13H1.8zM8 6.5v3M8 11.2v.1',
  app: 'M2.5 3h11v10h-11zM2.5 6h11M4.5 4.5v.1M6.5 4.5v.1',
  check: 'm3.5 8.5 3 3 6-7',
  chevron: 'm6 4 4 4-4 4',
  copy: 'M6 6h7v7H6zM10 3.5V3H3v7h.5',
  device: 'M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13',
  key: 'M6 12.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.2 7.4l5-5M11.2 4.4l1.8 1.8',
  log: 'M4 2.5h8v11H4zM6.2 5.5h3.6M6.2 8h3.6M6.2 10.5h2',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  users:
    'M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM1.8 13c.3-2.4 2-3.6 4.2-3.6s3.9 1.2 4.2 3.6M10.6 3.2a2.2 2.2 0 0 1 0 4.1M12 9.7c1.3.5 2.1 1.6 2.3 3.3',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
