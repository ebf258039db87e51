/** The health check of every service: asks its own /health, which also knows what it depends on. */
const response = await fetch(`http://127.0.0.1:${process.env.PORT}/health`, { signal: AbortSignal.timeout(1500) });
process.stdout.write(await response.text());
process.exit(response.ok ? 0 : 1);
