import { render } from 'preact-render-to-string';

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
}

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** The API's description as one readable page without script. */
export function renderReference(document: Document): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return `<!doctype html>${render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>{`${document.info.title} API`}</title>
        <link rel="stylesheet" href="/assets/app.css" />
      </head>
      <body class="reference">
        <a class="skip" href="#operations">
          Skip to the operations
        </a>
        <header>
          <h1>{`${document.info.title} API`}</h1>
          <p>
            Version {document.info.version}. {document.info.description} Machine-readable:{' '}
            <a href="/openapi.json">openapi.json</a>.
          </p>
        </header>
        <nav aria-label="Operations">
          <ul>
            {operations.map(({ path, method, operation }) => (
              <li key={operation.operationId}>
                <a href={`#${operation.operationId}`}>
                  <b class={`verb ${method}`}>{method.toUpperCase()}</b> {path}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main id="operations">
          {operations.map((entry) => (
            <OperationSection key={entry.operation.operationId} {...entry} />
          ))}
          <section>
            <h2>Types</h2>
            {Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => (
              <section class="operation" id={`type-${name}`} key={name}>
                <h3>{name}</h3>
                <SchemaTable schema={schema} />
              </section>
            ))}
          </section>
        </main>
      </body>
    </html>,
  )}`;
}

function OperationSection({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}) {
  const body = operation.requestBody?.content['application/json']?.schema;
  return (
    <section class="operation" id={operation.operationId}>
      <h2>{operation.summary ?? operation.operationId}</h2>
      <p>
        <b class={`verb ${method}`}>{method.toUpperCase()}</b> <code>{path}</code>
        {operation.security ? ' · needs a session' : ''} · <code>{operation.operationId}</code>
      </p>
      {operation.description && <p>{operation.description}</p>}
      {operation.parameters && (
        <p>
          Parameters:{' '}
          {operation.parameters.map((parameter) => (
            <code key={parameter.name}>{`${parameter.name} (${parameter.in}) `}</code>
          ))}
        </p>
      )}
      {body && (
        <div>
          <h3>Request</h3>
          <SchemaTable schema={body} />
        </div>
      )}
      <h3>Answers</h3>
      <ul>
        {Object.entries(operation.responses).map(([status, response]) => (
          <li key={status}>
            <code>{status}</code> <TypeName schema={response.content?.['application/json']?.schema ?? {}} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SchemaTable({ schema }: { schema: Schema }) {
  if (!schema.properties)
    return (
      <p>
        <TypeName schema={schema} />
      </p>
    );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Type</th>
          <th scope="col">Required</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(schema.properties).map(([name, property]) => (
          <tr key={name}>
            <td>
              <code>{name}</code>
            </td>
            <td>
              <TypeName schema={property} /> {property.description}
            </td>
            <td>{schema.required?.includes(name) ? 'yes' : 'no'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function TypeName({ schema }: { schema: Schema }) {
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop() ?? '';
    return <a href={`#type-${name}`}>{name}</a>;
  }
  if (schema.anyOf) {
    return (
      <span>
        {schema.anyOf.map((one, index) => (
          <span key={index}>
            {index > 0 ? ' or ' : ''}
            <TypeName schema={one} />
          </span>
        ))}
      </span>
    );
  }
  if (schema.items)
    return (
      <span>
        list of <TypeName schema={schema.items} />
      </span>
    );
  return (
    <span>
      {[schema.type]
        .flat()
        .filter((type) => type !== undefined)
        .join(' or ')}
    </span>
  );
}
