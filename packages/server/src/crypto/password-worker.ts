import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import { BATCH, type HashJob, type HashReply } from './password-job.ts';

/** As polite as Linux allows: session checks on the main thread get the processor whenever they want it. */
const LOWEST_PRIORITY = 19;

/** On Linux priority belongs to a thread, named by its thread id, which Node does not tell otherwise. */
function stepBack(): void {
  const threadId = Number(readlinkSync('/proc/thread-self').split('/').pop());
  setPriority(threadId, LOWEST_PRIORITY);
}

try {
  if (process.platform === 'linux') stepBack();
} catch {
  // Where a sandbox forbids it, hashing works all the same, only less politely.
}

function work(job: HashJob): HashReply {
  try {
    return job.kind === 'hash'
      ? { hash: hashSync(job.password, job.cost) }
      : { matches: verifySync(job.hash, job.password) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : 'unknown' };
  }
}

parentPort?.on('message', (first: HashJob) => {
  if (!parentPort) return;
  const replies = [work(first)];
  while (replies.length < BATCH) {
    const waiting = receiveMessageOnPort(parentPort) as { message: HashJob } | undefined;
    if (!waiting) break;
    replies.push(work(waiting.message));
  }
  parentPort.postMessage(replies);
});
