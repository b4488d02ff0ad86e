import { strings } from '../strings.ts';
import { Logo, SkeletonRows } from '../ui/index.ts';

/** Has the header's and a page's outline, so that little moves when the real ones arrive. */
export function LoadingPage() {
  return (
    <>
      <header className="header">
        <div className="header-inner">
          <span className="brand">
            <Logo />
            {strings.product}
          </span>
        </div>
      </header>
      <main className="page">
        <h1 className="visually-hidden">{strings.product}</h1>
        <div className="card">
          <SkeletonRows count={8} />
        </div>
      </main>
    </>
  );
}
