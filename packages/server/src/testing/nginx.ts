import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export interface Nginx {
  baseUrl: string;
  errorLog(): string;
  close(): Promise<void>;
}

/** A real nginx with these lines in its `http` block, in a folder of its own and without the system's settings. */
export async function startNginx(serversFor: (port: number) => string): Promise<Nginx> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'fluxgate-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const settings = `
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log notice;
    master_process off;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      ${serversFor(port)}
    }`;
  writeFileSync(join(folder, 'nginx.conf'), settings);
  const path = process.env['NGINX_PATH'] ?? '/usr/sbin/nginx';
  const args = ['-p', folder, '-c', 'nginx.conf', '-e', join(folder, 'error.log'), '-g', 'daemon off;'];
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (bytes) => {
    complaint += bytes;
  });
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      complaint += error.message;
      resolve();
    });
    child.on('close', () => resolve());
  });
  const hasEnded = Promise.withResolvers<never>();
  void ended.then(() => hasEnded.reject(new Error(`nginx ended: ${complaint}`)));
  hasEnded.promise.catch(() => undefined);
  await Promise.race([until(() => isListening(port)), hasEnded.promise]);
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    errorLog: () => readFileSync(join(folder, 'error.log'), 'utf8'),
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
