/** The surroundings of every server here: limits on, logs on, a trusted loopback, and nothing of the operator's. */
export function serverEnv(settings: Record<string, string>): NodeJS.ProcessEnv {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('FLUXGATE_'));
  return {
    ...Object.fromEntries(outer),
    NODE_ENV: 'production',
    FLUXGATE_HOST: '127.0.0.1',
    FLUXGATE_TRUSTED_PROXIES: 'loopback',
    FLUXGATE_RATE_LIMITS: 'on',
    FLUXGATE_LOG_LEVEL: 'info',
    ...settings,
  };
}
