import { render } from 'preact-render-to-string';

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  /** One of them is enough; each names all that it takes. */
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  info: { title: string; version: string; description: string };
  tags: { name: string; 'x-displayName': string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components?: {
    schemas?: Record<string, Schema>;
    securitySchemes?: Record<string, Credential>;
  };
}

interface Credential {
  description?: string;
  /** Absent where it is a bearer token. */
  in?: string;
  name?: string;
}

interface Entry {
  path: string;
  method: string;
  operation: Operation;
}

/** An API of one family of clients, and what can be asked of it. */
interface Api {
  id: string;
  title: string;
  description: string;
  entries: Entry[];
}

function apisOf({ paths, tags }: Document): Api[] {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return tags
    .map(({ name, 'x-displayName': title, description }) => ({
      ...{ id: `api-${name}`, title, description },
      entries: all.filter(({ operation }) => operation.tags?.[0] === name),
    }))
    .filter(({ entries }) => entries.length > 0);
}

/** The API's description as one readable page without script. */
export function renderReference(document: Document): string {
  const apis = apisOf(document);
  const { securitySchemes = {}, schemas = {} } = document.components ?? {};
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
          {apis.map((api) => (
            <details key={api.id}>
              <summary>
                <b>{api.title}</b>{' '}
                <span class="muted">
                  <Prose text={api.description} />
                </span>
              </summary>
              <ul>
                {api.entries.map(({ path, method, operation }) => (
                  <li key={operation.operationId}>
                    <a href={`#${operation.operationId}`}>
                      <Verb method={method} />
                      <span>{path}</span>
                    </a>
                  </li>
                ))}
              </ul>
            </details>
          ))}
          <p>
            <a href="#credentials">Credentials</a> · <a href="#types">Types</a>
          </p>
        </nav>
        <main id="operations">
          {apis.map((api) => (
            <section id={api.id} key={api.id}>
              <h2>{api.title}</h2>
              <p>
                <Prose text={api.description} />
              </p>
              {api.entries.map((entry) => (
                <OperationSection key={entry.operation.operationId} {...entry} types={schemas} />
              ))}
            </section>
          ))}
          <section id="credentials">
            <h2>Credentials</h2>
            <dl>
              {Object.entries(securitySchemes).map(([name, credential]) => (
                <div id={`credential-${name}`} key={name}>
                  <dt>
                    <code>{name}</code>, {placeOf(credential)}
                  </dt>
                  <dd>
                    <Prose text={credential.description ?? ''} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
          <section id="types">
            <h2>Types</h2>
            {Object.entries(schemas).map(([name, schema]) => (
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

function placeOf({ in: place = 'header', name }: Credential): string {
  return name === undefined ? 'header Authorization, after Bearer' : `${place} ${name}`;
}

/** What stands between backticks is code. */
function Prose({ text }: { text: string }) {
  return (
    <span>
      {text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </span>
  );
}

function Verb({ method }: { method: string }) {
  return <b class="verb">{method.toUpperCase()}</b>;
}

function OperationSection({ path, method, operation, types }: Entry & { types: Record<string, Schema> }) {
  const body = operation.requestBody?.content['application/json']?.schema;
  // What has to be sent is wanted at once; an answer is looked up.
  const sent = body?.$ref ? types[nameIn(body.$ref)] : body;
  return (
    <section class="operation" id={operation.operationId}>
      <h3>{operation.summary ?? operation.operationId}</h3>
      <p>
        <Verb method={method} /> <code>{path}</code> · <code>{operation.operationId}</code>
      </p>
      {operation.security && <Needs security={operation.security} />}
      {operation.description && (
        <p>
          <Prose text={operation.description} />
        </p>
      )}
      {operation.parameters && (
        <div>
          <h4>Parameters</h4>
          <ul>
            {operation.parameters.map(({ name, in: place, required, schema }) => (
              <li key={name}>
                <code>{name}</code> in the {place}
                {required || place === 'path' ? '' : ', optional'}: <TypeName schema={schema ?? {}} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {body && sent && (
        <div>
          <h4>Request{body.$ref ? `: ${nameIn(body.$ref)}` : ''}</h4>
          <SchemaTable schema={sent} />
        </div>
      )}
      <h4>Answers</h4>
      <ul>
        {Object.entries(operation.responses).map(([status, response]) => (
          <li key={status}>
            <code>{status}</code> <TypeName schema={Object.values(response.content ?? {})[0]?.schema ?? {}} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Needs({ security }: { security: Record<string, unknown>[] }) {
  return (
    <p>
      Needs{' '}
      {security.map((requirement, which) => (
        <span key={which}>
          {which > 0 ? ' or ' : ''}
          {Object.keys(requirement).map((name, index) => (
            <span key={name}>
              {index > 0 ? ' with ' : ''}
              <a href={`#credential-${name}`}>{name}</a>
            </span>
          ))}
        </span>
      ))}
    </p>
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
        </tr>
      </thead>
      <tbody>
        {Object.entries(schema.properties).map(([name, property]) => (
          <tr key={name}>
            <td>
              <code>{name}</code>
              {!schema.required?.includes(name) && <span class="muted"> optional</span>}
            </td>
            <td>
              <TypeName schema={property} />
              {property.description && (
                <span>
                  {': '}
                  <Prose text={property.description} />
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function nameIn(reference: string): string {
  return reference.split('/').pop() ?? '';
}

function TypeName({ schema }: { schema: Schema }) {
  if (schema.$ref) {
    const name = nameIn(schema.$ref);
    return <a href={`#type-${name}`}>{name}</a>;
  }
  const either = schema.anyOf ?? schema.oneOf;
  if (either) {
    return (
      <span>
        {either.map((one, index) => (
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
        {boundsOf(schema).map((bound) => `, ${bound}`)}
      </span>
    );
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (values.length > 0) return <code>{values.map((value) => JSON.stringify(value)).join(' | ')}</code>;
  const type = [schema.type].flat().filter((one) => one !== undefined);
  return <span>{[type.join(' or '), ...boundsOf(schema)].filter((part) => part !== '').join(', ')}</span>;
}

/** What is between bounds that mean something; those of the number type itself do not. */
function boundsOf({ minLength, maxLength, minimum, maximum, minItems, maxItems }: Schema): string[] {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  return [
    between(minLength, maxLength, ' characters'),
    between(least, most, ''),
    between(minItems, maxItems, ' items'),
  ].filter((bound) => bound !== '');
}

function between(least = 0, most: number | undefined, unit: string): string {
  if (least !== 0 && most !== undefined)
    return least === most ? `${least}${unit}` : `${least} to ${most}${unit}`;
  if (least !== 0) return `at least ${least}${least === 1 ? unit.replace(/s$/, '') : unit}`;
  return most === undefined ? '' : `at most ${most}${unit}`;
}
