import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import { type HashJob, type HashReply, TOGETHER } from './password-job.ts';

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

const waiting: HashJob[] = [];

function takeAll(port: MessagePort): void {
  for (;;) {
    const next = receiveMessageOnPort(port) as { message: HashJob } | undefined;
    if (!next) return;
    waiting.push(next.message);
  }
}

/** Whoever was answered last is soon back: half of them and of those who wait leaves work until then. */
function nextBatch(answeredLast: number): number {
  const half = Math.ceil((waiting.length + answeredLast) / 2);
  return Math.min(TOGETHER.atMost, Math.max(TOGETHER.atLeast, half));
}

parentPort?.on('message', (first: HashJob) => {
  if (!parentPort) return;
  waiting.push(first);
  let answered = 0;
  while (waiting.length > 0) {
    takeAll(parentPort);
    const replies = waiting.splice(0, nextBatch(answered)).map(work);
    answered = replies.length;
    parentPort.postMessage(replies);
  }
});
