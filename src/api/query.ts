/**
 * Paths and queries of requests.
 */
type QueryValue = string | number | boolean | readonly string[] | undefined;

export function stackPath(stack: string, action: string): string {
  return `/v1/stacks/${encodeURIComponent(stack)}/${action}`;
}

/** Lists repeat the key; true is 1, false and undefined are left out. */
export function queryOf(values: Readonly<Record<string, QueryValue>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'object') for (const item of value) query.append(key, item);
    else query.append(key, value === true ? '1' : String(value));
  }
  return query.toString();
}
