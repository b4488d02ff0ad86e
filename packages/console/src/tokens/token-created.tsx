import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { strings } from '../strings.ts';
import { Button, Fact, focusPageHeading, PageHeading, useCopy } from '../ui/index.ts';

export interface CreatedToken {
  name: string;
  plain: string;
}

const text = strings.tokens;

export function TokenCreated({ name, plain }: CreatedToken) {
  const navigate = useNavigate();
  const copy = useCopy();
  useEffect(focusPageHeading, []);

  return (
    <>
      <PageHeading title={text.createdTitle} />
      <div className="card card-padded created">
        <p className="banner">{text.once}</p>
        <dl className="facts">
          <Fact name={text.createdName}>{name}</Fact>
          <Fact name={text.createdToken}>
            <code className="secret">{plain}</code>
          </Fact>
        </dl>
        <div className="form-actions">
          <Button variant="primary" onClick={() => void copy(plain)}>
            {text.copyToken}
          </Button>
          {/* In place of this page, so that going back does not lead to an empty form. */}
          <Button onClick={() => void navigate({ to: '/settings/tokens', replace: true })}>
            {text.done}
          </Button>
        </div>
      </div>
    </>
  );
}
