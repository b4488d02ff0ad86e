export interface Reply {
  status: number;
  headers: Headers;
  /** The body as JSON, or undefined when it is none. */
  json: never;
  text: string;
}

interface Send {
  method?: string;
  /** Sent as JSON unless it is a text already. */
  body?: unknown;
  headers?: Record<string, string>;
}

let lastAddress = 0;

/**
 * Somebody with an address of their own, and at most one session token. The address arrives through the trusted
 * loopback as behind a real proxy, so that one test's tries do not use up another's.
 */
export class Client {
  readonly baseUrl: string;
  address: string;
  token: string | null = null;

  constructor(baseUrl: string, address?: string) {
    this.baseUrl = baseUrl;
    const number = lastAddress++;
    this.address = address ?? `10.${(number >> 8) & 255}.${number & 255}.7`;
  }

  async send(path: string, { method = 'GET', body, headers = {} }: Send = {}): Promise<Reply> {
    const response = await fetch(this.baseUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        'x-forwarded-for': this.address,
        ...(this.token && { authorization: this.token }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) as never };
  }

  get(path: string, headers?: Record<string, string>): Promise<Reply> {
    return this.send(path, { ...(headers && { headers }) });
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply> {
    return this.send(path, { method: 'POST', body, ...(headers && { headers }) });
  }

  patch(path: string, body: unknown): Promise<Reply> {
    return this.send(path, { method: 'PATCH', body });
  }

  /** A plain HTML form, as a browser without script sends it. */
  form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.baseUrl, ...headers },
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
