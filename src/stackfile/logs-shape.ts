/**
 * The shape of `x-berth.logs`: what the Compose Specification has no word for in the logs of services.
 */
import { attr, bytesText, closed, count, duration, either, formed, list, text } from './shape.ts';

const keep = closed({
  count: attr('so many of each replica', 5, count(0), 5),
  size: attr('so much of a service in all', '100m', either(count(0), bytesText), '100m'),
  age: attr('for so long', '720h', duration, '720h'),
});

const forward = either(
  formed('tcp://HOST:PORT, udp://HOST:PORT, unix:///PATH or none', /^(none|(tcp|udp):\/\/[^\s/]+|unix:\/\/\/\S+)$/),
  closed(
    { command: attr('program that gets the lines on its standard input', ['systemd-cat', '-t', 'shop'], list(text)) },
    ['command'],
  ),
);

export const logs = closed({
  forward: attr('where the lines are sent too: a syslog server, or a program', 'tcp://logs.example:514', forward),
  keep: attr('how much is kept of what containers wrote that are gone', { count: 5, size: '100m', age: '720h' }, keep),
});
