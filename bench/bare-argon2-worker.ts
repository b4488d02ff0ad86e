import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { verifySync } from '@node-rs/argon2';

export interface HashTask {
  hash: string;
  password: string;
  forMs: number;
}

export interface HashReply {
  done: number;
  seconds: number;
}

// The priority of the server's own hashing threads: whatever else runs on this machine takes the same from both.
if (process.platform === 'linux') {
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').pop()), 19);
}

parentPort?.on('message', ({ hash, password, forMs }: HashTask) => {
  const startedAt = performance.now();
  let done = 0;
  while (performance.now() < startedAt + forMs) {
    if (!verifySync(hash, password)) throw new Error('The password does not match its hash.');
    done++;
  }
  const reply: HashReply = { done, seconds: (performance.now() - startedAt) / 1000 };
  parentPort?.postMessage(reply);
});
