// Keeps the redirects and pages of one Flecto project and serves them. See README.md.
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { createAgent } from './agent.ts';
import { Manager } from './manager.ts';
import { settingsFrom } from './settings.ts';

const settings = settingsFrom(process.env);
const agent = createAgent(new Manager(settings), settings.agentName);

function say(text: string): void {
  process.stdout.write(`flecto-agent: ${text}\n`);
}

async function check(): Promise<boolean> {
  try {
    const outcome = await agent.check();
    say(`${outcome}, version ${agent.version}`);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`failed, still at version ${agent.version}: ${reason}`);
    return false;
  }
}

const server = createServer((request, response) => {
  const [path = '/'] = (request.url ?? '/').split('?');
  const [host = ''] = (request.headers.host ?? '').split(':');
  const answer = agent.rules.answer(host, path);
  if (!answer) response.writeHead(404).end();
  else if (answer.kind === 'redirect') response.writeHead(answer.status, { location: answer.location }).end();
  else response.writeHead(200, { 'content-type': answer.contentType }).end(answer.content);
});

if (process.argv.includes('--once')) process.exitCode = (await check()) ? 0 : 1;
else {
  const { host, port } = settings.listen;
  server.listen(port, host, () => {
    const address = server.address();
    say(`serving on http://${host}:${typeof address === 'object' ? address?.port : port}`);
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    await check();
    await wait(settings.intervalSeconds * 1_000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  server.close();
  server.closeIdleConnections();
}
