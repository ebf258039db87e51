import { expect, test } from 'vitest';
import { filtersOf } from '../../../src/network/foreign-filters.ts';
import { parseFilter, restoreText } from '../../../src/network/iptables-rules.ts';

const textFor = (listing: string, none = false) => restoreText(parseFilter(listing), { bridges: 'bt1a2b', none });

const OPEN = '-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n';
const DOCKER = `-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER
-N DOCKER-ISOLATION-STAGE-1
-N DOCKER-USER
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -o eth0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i br-0123456789ab ! -o br-0123456789ab -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-USER -i eth1 -j DROP
-A DOCKER-USER -j RETURN
`;
const UFW = '-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N ufw-before-input\n-A INPUT -j ufw-before-input\n';

test('nothing is put where nobody filters', () => {
  expect(textFor(OPEN)).toBeUndefined();
});

test('a Docker is passed by DOCKER-USER, and what goes to its bridges is left to it', () => {
  expect(textFor(DOCKER)).toMatchInlineSnapshot(`
    "*filter
    -N BERTH-bt1a2b
    -A BERTH-bt1a2b -i bt1a2b+ -o br-0123456789ab -j RETURN
    -A BERTH-bt1a2b -i bt1a2b+ -o docker0 -j RETURN
    -A BERTH-bt1a2b -i bt1a2b+ -j ACCEPT
    -A BERTH-bt1a2b -o bt1a2b+ -j ACCEPT
    -I DOCKER-USER 1 -j BERTH-bt1a2b
    COMMIT
    "
  `);
});

test('ufw is passed by FORWARD, and lets names be asked of us', () => {
  expect(textFor(UFW)).toMatchInlineSnapshot(`
    "*filter
    -N BERTH-bt1a2b
    -A BERTH-bt1a2b -i bt1a2b+ -j ACCEPT
    -A BERTH-bt1a2b -o bt1a2b+ -j ACCEPT
    -I FORWARD 1 -j BERTH-bt1a2b
    -N BERTH-bt1a2b-IN
    -A BERTH-bt1a2b-IN -i bt1a2b+ -p udp -m udp --dport 53 -j ACCEPT
    -A BERTH-bt1a2b-IN -i bt1a2b+ -p tcp -m tcp --dport 53 -j ACCEPT
    -A BERTH-bt1a2b-IN -i bt1a2b+ -m conntrack --ctstate DNAT -j ACCEPT
    -I INPUT 1 -j BERTH-bt1a2b-IN
    COMMIT
    "
  `);
});

/** What `iptables -S` shows after `text` was restored on `listing`. */
function after(listing: string, text: string): string {
  const lines = text.split('\n').filter((line) => /^-[NA]/.test(line));
  const jumps = [...text.matchAll(/^-I (\S+) 1 (.*)$/gm)].map(([, chain, rule]) => `-A ${chain} ${rule}`);
  return [...listing.trim().split('\n'), ...lines, ...jumps].join('\n');
}

test.each([DOCKER, UFW])('what is as it should be is not changed, and all of it can be taken away', (listing) => {
  const done = after(listing, textFor(listing)!);

  expect(textFor(done)).toBeUndefined();
  expect(textFor(done, true)).toContain('-X BERTH-bt1a2b\n');
  expect(textFor(listing, true)).toBeUndefined();
});

test('a Docker that comes after ufw moves our way into DOCKER-USER', () => {
  const text = textFor(`${after(UFW, textFor(UFW)!)}\n-N DOCKER-USER\n-A FORWARD -j DOCKER-USER\n`);

  expect(text).toContain('-D FORWARD -j BERTH-bt1a2b\n-I DOCKER-USER 1 -j BERTH-bt1a2b\n');
});

test('who filters is seen by the chains there are', () => {
  const listing = JSON.stringify({
    nftables: [
      { metainfo: {} },
      { chain: { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' } },
      { chain: { family: 'ip6', table: 'filter', name: 'INPUT', hook: 'input', policy: 'drop' } },
      { chain: { family: 'inet', table: 'filter', name: 'forward', hook: 'forward', policy: 'drop' } },
      { chain: { family: 'inet', table: 'firewalld', name: 'filter_FORWARD', hook: 'forward', policy: 'accept' } },
      { chain: { family: 'inet', table: 'berth_1a2b', name: 'forward', hook: 'forward', policy: 'drop' } },
    ],
  });

  expect(filtersOf(listing, 'berth_1a2b')).toEqual({
    iptables: ['iptables', 'ip6tables'],
    firewalld: true,
    dropping: ['inet filter forward'],
  });
  expect(filtersOf('', 'berth_1a2b')).toEqual({ iptables: [], firewalld: false, dropping: [] });
});
