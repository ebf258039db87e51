/**
 * What the journal means: keys with values, and queues whose entries stay until acknowledged.
 *
 * In memory only. A change is {set, value}, {remove}, {push, entry} or {ack, id}.
 */

/** An entry that was taken and not acknowledged by then is given out again. */
const LEASE_MS = 30_000;

export function createState(now = Date.now) {
  const keys = new Map();
  const queues = new Map();
  const queueOf = (name) => queues.get(name) ?? queues.set(name, new Map()).get(name);

  const apply = (change) => {
    if ('set' in change) keys.set(change.set, change.value);
    else if ('remove' in change) keys.delete(change.remove);
    else if ('push' in change) queueOf(change.push).set(change.id, { entry: change.entry, leasedUntil: 0 });
    else if ('ack' in change) queueOf(change.ack).delete(change.id);
  };

  return {
    keys,
    applyBatch: (batch) => batch.forEach(apply),

    /** The oldest entry nobody works on, now leased; undefined when there is none. */
    take(queue) {
      for (const [id, item] of queueOf(queue)) {
        if (item.leasedUntil > now()) continue;
        item.leasedUntil = now() + LEASE_MS;
        return { id, entry: item.entry };
      }
      return undefined;
    },

    /** The shortest list of batches that leads here. */
    snapshot() {
      const sets = [...keys].map(([key, value]) => ({ set: key, value }));
      const pushes = [...queues].flatMap(([push, items]) => [...items].map(([id, { entry }]) => ({ push, id, entry })));
      return [...sets, ...pushes].map((change) => [change]);
    },
  };
}

/** What is wrong with a change that came from outside; undefined when nothing is. */
export function complaintAbout(change) {
  const isName = (value) => typeof value === 'string' && value.length > 0 && value.length <= 200;
  if (typeof change !== 'object' || change === null) return 'a change is an object';
  if (isName(change.set) && 'value' in change) return undefined;
  if (isName(change.remove)) return undefined;
  if (isName(change.push) && isName(change.id) && 'entry' in change) return undefined;
  if (isName(change.ack) && isName(change.id)) return undefined;
  return 'a change is {set, value}, {remove}, {push, id, entry} or {ack, id}';
}
