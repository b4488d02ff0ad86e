import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { strings } from '../strings.ts';
import { PageHeading } from '../ui/index.ts';
import { NewTokenForm } from './new-token-form.tsx';
import { type CreatedToken, TokenCreated } from './token-created.tsx';

const text = strings.tokens;

export function NewTokenPage() {
  // Nowhere else: what is kept in a component is gone with it.
  const [created, setCreated] = useState<CreatedToken | null>(null);

  useEffect(() => {
    // A browser may freeze a page that is left, to bring it back as it was.
    const forget = () => setCreated(null);
    window.addEventListener('pagehide', forget);
    return () => window.removeEventListener('pagehide', forget);
  }, []);

  if (created !== null) return <TokenCreated {...created} />;
  return (
    <>
      <p className="crumb">
        <Link to="/settings/tokens">{text.back}</Link>
      </p>
      <PageHeading title={text.newTitle} />
      <NewTokenForm onCreated={setCreated} />
    </>
  );
}
