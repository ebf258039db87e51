/**
 * The shape of `x-berth.logs`: what the Compose Specification has no word for in the logs of services.
 */
import { attr, bytesText, closed, count, duration, either } from './shape.ts';

const keep = closed({
  count: attr('so many of each replica', 5, count(0), 5),
  size: attr('so much of a service in all', '100m', either(count(0), bytesText), '100m'),
  age: attr('for so long', '720h', duration, '720h'),
});

export const logs = closed({
  keep: attr('how much is kept of what containers wrote that are gone', { count: 5, size: '100m', age: '720h' }, keep),
});
