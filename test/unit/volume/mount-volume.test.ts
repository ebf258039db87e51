import { expect, test } from 'vitest';
import { boundFolder, mountCall } from '../../../src/volume/mount-volume.ts';

const call = (options: Record<string, string>) => mountCall(options, '/v').args.join(' ');

test('type, o and device become words of mount(8)', () => {
  expect(call({ type: 'ext4', o: 'ro,noatime', device: '/dev/sdb1' })).toBe('-t ext4 -o ro,noatime -- /dev/sdb1 /v');
  expect(call({ device: '/dev/sdb1' })).toBe('-- /dev/sdb1 /v');
  expect(call({ type: 'tmpfs', o: 'size=1m' })).toBe('-t tmpfs -o size=1m -- tmpfs /v');
});

test("docker's addr= of an nfs share is its server, also when it is an IPv6 address", () => {
  expect(call({ type: 'nfs', o: 'addr=10.0.0.1,rw', device: ':/x' })).toBe('-t nfs -o rw -- 10.0.0.1:/x /v');
  expect(call({ type: 'nfs4', o: 'addr=fd00::1', device: ':/x' })).toBe('-t nfs4 -- [fd00::1]:/x /v');
  expect(call({ type: 'nfs', o: 'addr=10.0.0.1', device: 'nas:/x' })).toBe('-t nfs -o addr=10.0.0.1 -- nas:/x /v');
});

test('a password is no argument', () => {
  const cifs = mountCall({ type: 'cifs', o: 'username=me,password=a=b,ro', device: '//nas/x' }, '/v');

  expect(cifs.args.join(' ')).toBe('-t cifs -o username=me,ro -- //nas/x /v');
  expect(cifs.env).toEqual({ PASSWD: 'a=b' });
});

test('only a bind is used as it is', () => {
  expect(boundFolder({ type: 'none', o: 'bind', device: '/srv' })).toBe('/srv');
  expect(boundFolder({ o: 'rbind,ro', device: '/srv' })).toBe('/srv');
  expect(boundFolder({ type: 'ext4', o: 'bind', device: '/srv' })).toBeUndefined();
  expect(boundFolder({ type: 'tmpfs', device: 'bind' })).toBeUndefined();
});
