/** The health check: succeeds when the service answers. */
const response = await fetch(`http://127.0.0.1:${process.env.PORT}/health`, { signal: AbortSignal.timeout(1500) });
process.exit(response.ok ? 0 : 1);
