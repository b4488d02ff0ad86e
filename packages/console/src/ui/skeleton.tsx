import { strings } from '../strings.ts';

/** Stands in for text of about the given width, in characters. */
function SkeletonText({ characters }: { characters: number }) {
  return <span className="skeleton" style={{ inlineSize: `${characters}ch` }} aria-hidden="true" />;
}

/** Uneven on purpose: equal bars read as a broken page rather than one on its way. */
const widths = [22, 16, 26, 19, 24, 14];

export function SkeletonRows({ count }: { count: number }) {
  return (
    <div className="skeleton-rows">
      <p className="visually-hidden" role="status">
        {strings.common.loading}
      </p>
      {Array.from({ length: count }, (_, index) => (
        <div className="skeleton-row" key={`row-${index.toString()}`}>
          <SkeletonText characters={widths[index % widths.length] ?? 20} />
          <SkeletonText characters={12} />
          <SkeletonText characters={8} />
        </div>
      ))}
    </div>
  );
}
