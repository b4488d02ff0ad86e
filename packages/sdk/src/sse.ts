export interface StreamedEvent {
  id: string;
  name: string;
  /** `{}` where the data was no JSON object. */
  data: Record<string, unknown>;
}

/** Longer than any event of the wire, in characters. */
const MAX_WAITING = 1_000_000;

/** Reads a server-sent event stream (HTML standard, 9.2) as it comes in pieces; false from `read` means it is none. */
export function createEventReader(on: { event(event: StreamedEvent): void; comment(): void }) {
  let rest = '';
  let id = '';
  let name = '';
  let data: string[] = [];

  function dispatch(): void {
    if (name !== '' || data.length > 0) on.event({ id, name, data: objectIn(data.join('\n')) });
    name = '';
    data = [];
  }

  function line(text: string): void {
    if (text === '') dispatch();
    else if (text.startsWith(':')) on.comment();
    else field(text);
  }

  function field(text: string): void {
    const colon = text.indexOf(':');
    const key = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (key === 'id') id = value;
    if (key === 'event') name = value;
    if (key === 'data') data.push(value);
  }

  return {
    read(text: string): boolean {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const one of lines) line(one);
      return rest.length <= MAX_WAITING;
    },
  };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
