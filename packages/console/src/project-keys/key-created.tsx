import { useEffect, useRef } from 'react';
import type { CreatedKey } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Button, useCopy } from '../ui/index.ts';

const text = strings.projectKeys;

export function KeyCreated({ created, onDone }: { created: CreatedKey; onDone: () => void }) {
  const copy = useCopy();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="card card-padded created key-created" aria-labelledby="created-title">
      <h2 id="created-title" ref={heading} tabIndex={-1}>
        {text.createdTitle(created.key.name)}
      </h2>
      <p className="banner">{text.once}</p>
      <p>
        <code className="secret">{created.plain_key}</code>
      </p>
      <div className="form-actions">
        <Button variant="primary" onClick={() => void copy(created.plain_key)}>
          {text.copyKey}
        </Button>
        <Button onClick={onDone}>{text.done}</Button>
      </div>
    </section>
  );
}
