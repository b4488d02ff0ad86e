import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** Counts and times every answer, by route template and never by path. */
  observe(app: FastifyInstance): void;
  render(): Promise<{ contentType: string; text: string }>;
  mailFailed(kind: string): void;
}

interface Sources {
  hashesWaiting(): number;
}

export function createMetrics({ hashesWaiting }: Sources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'fluxgate_http_request_duration_seconds',
    help: 'Time from the first byte of a request to its answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'fluxgate_outbox_failures_total',
    help: 'Deliveries that failed and will be tried again, by kind.',
    labelNames: ['kind'],
    registers: [registry],
  });
  new Gauge({
    name: 'fluxgate_password_hashes_waiting',
    help: 'Password hashes waiting for a thread.',
    registers: [registry],
    collect() {
      this.set(hashesWaiting());
    },
  });
  return {
    observe(app) {
      app.addHook('onResponse', async (request, reply) => {
        const labels = {
          method: request.method,
          route: request.routeOptions.url ?? 'none',
          status: String(reply.statusCode),
        };
        duration.observe(labels, reply.elapsedTime / 1000);
      });
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    mailFailed: (kind) => failures.inc({ kind }),
  };
}
