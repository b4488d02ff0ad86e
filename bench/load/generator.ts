// A load generator: a process of its own, so that it shares no thread with the server or with another generator.
import { performance } from 'node:perf_hooks';
import type { FluxCredentials } from '../checks.ts';
import { answerJobs } from '../helper.ts';
import { closedLoop, type Turn } from './closed-loop.ts';
import { openLoop } from './open-loop.ts';
import { type ConversationKind, learnFlux, type RequestKind, signInWithApp, sources } from './requests.ts';

export type LoadJob = {
  port: number;
  connections: number;
  forMs: number;
  /** Needed once, for renewals. */
  flux?: FluxCredentials;
} & (
  | { loop: 'closed'; kind: RequestKind | ConversationKind }
  | { loop: 'open'; kind: RequestKind; perSecond: number }
);

export interface LoadReply {
  /** Closed loop: what was reached. */
  perSecond: number;
  /** All good answers, those before and after what counts for `perSecond` among them. */
  answered: number;
  /** Open loop: one a request, from the instant it was due. */
  latenciesMs: number[];
  /** Open loop: how late this process itself was; part of the latency, and no fault of the server. */
  lateMs: number[];
  /** Every length that a body had. */
  bodyBytes: number[];
  /** Share of the time in which this process was busy: near 1, it was the limit and not the server. */
  busy: number;
}

answerJobs<LoadJob, LoadReply>(async (job) => {
  if (job.flux) learnFlux(job.flux);
  const before = performance.eventLoopUtilization();
  const done =
    job.loop === 'open'
      ? { perSecond: job.perSecond, ...(await openLoop(sources[job.kind], job)) }
      : { latenciesMs: [], lateMs: [], ...(await closedLoop(turnOf(job.kind), job)) };
  const busy = performance.eventLoopUtilization(before).utilization;
  done.tally.assertAllGood(job.kind);
  return {
    perSecond: done.perSecond,
    answered: done.tally.good,
    latenciesMs: done.latenciesMs,
    lateMs: done.lateMs,
    bodyBytes: [...done.tally.bodyBytes],
    busy,
  };
});

function turnOf(kind: RequestKind | ConversationKind): Turn {
  if (kind === 'app-sign-in') return signInWithApp;
  return (connection) => connection.send(sources[kind]());
}
