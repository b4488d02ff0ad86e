import { Client, type Reply } from './client.ts';

/** A browser without script: keeps its cookies, and says where it was sent. */
export class PageClient extends Client {
  readonly cookies = new Map<string, string>();

  override async send(path: string, request: Parameters<Client['send']>[1] = {}): Promise<Reply> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie !== '' && { cookie }), ...request?.headers };
    const reply = await super.send(path, { ...request, headers });
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return reply;
  }

  /** A form's status and, where it led on, the path. */
  async go(path: string, fields: Record<string, string>): Promise<string> {
    const reply = await this.form(path, fields);
    return [reply.status, reply.headers.get('location')].filter((part) => part !== null).join(' ');
  }

  /** Signed in on the hosted pages. */
  get hasSession(): boolean {
    return this.cookies.has('fluxgate');
  }
}
