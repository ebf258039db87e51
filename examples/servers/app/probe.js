/** A health check: asks the address in its argument, and succeeds when the answer does. */
fetch(process.argv[2], { signal: AbortSignal.timeout(2500) })
  .then((response) => process.exit(response.ok ? 0 : 1))
  .catch((error) => {
    console.error(error.cause?.message ?? error.message);
    process.exit(1);
  });
