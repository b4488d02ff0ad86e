/**
 * Owns what operators and their tools read: liveness, readiness, Prometheus metrics, and the API's own
 * description. Tells nothing about any user.
 */
export { createMetrics } from './metrics.ts';
export { registerOpenApi } from './openapi.ts';
export { operationsSurface } from './routes.ts';
