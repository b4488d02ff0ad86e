import { type ChildProcess, fork } from 'node:child_process';

interface Question<Job> {
  id: number;
  job: Job;
}
type Answer<Result> = { id: number; result: Result } | { id: number; failure: string };

interface HelperOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Node's own flags, besides those this process was started with. */
  nodeFlags?: readonly string[];
}

/** A process of ours that does one job after another. Its standard output goes to nobody, as to a log collector. */
export class Helper<Job, Result> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Result>>();
  #asked = 0;

  constructor(file: URL, { env = process.env, cwd, nodeFlags = [] }: HelperOptions = {}) {
    this.#child = fork(file, {
      env,
      ...(cwd !== undefined && { cwd }),
      execArgv: [...process.execArgv, ...nodeFlags],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: Answer<Result>) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('failure' in answer) waiting?.reject(new Error(answer.failure));
      else waiting?.resolve(answer.result);
    });
    this.#child.on('exit', (status, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${file.pathname} ended early (${signal ?? status}).`));
      this.#waiting.clear();
    });
  }

  ask(job: Job): Promise<Result> {
    const waiting = Promise.withResolvers<Result>();
    const question: Question<Job> = { id: this.#asked++, job };
    this.#waiting.set(question.id, waiting);
    this.#child.send(question);
    return waiting.promise;
  }

  /** Lets it end in its own time. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.connected) this.#child.disconnect();
    await ended;
  }
}

/** The other end, in the helper's own process. It ends with the process that started it. */
export function answerJobs<Job, Result>(
  work: (job: Job) => Promise<Result>,
  goodbye: () => Promise<void> = async () => undefined,
): void {
  process.on('message', ({ id, job }: Question<Job>) => {
    work(job).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) =>
        process.send?.({ id, failure: error instanceof Error ? error.stack : String(error) }),
    );
  });
  // Ctrl-C reaches the whole process group; the end is for the parent to order.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => {
    goodbye().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
