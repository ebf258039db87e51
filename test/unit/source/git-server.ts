/** A git repository that a test writes, served by git's own http-backend on loopback. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type GitServer = {
  /** `http://127.0.0.1:PORT/team/shop.git`. */
  readonly url: string;
  /** The work tree that `commit` takes. */
  readonly folder: string;
  /** Requests so far. */
  count(): number;
  write(name: string, text: string): void;
  git(...args: string[]): string;
  /** A tree of these lines of `git mktree`; its name. */
  tree(lines: readonly string[]): string;
  /** All that is in the folder, on the current branch; its name. */
  commit(): string;
  close(): Promise<void>;
};

export async function gitServer(): Promise<GitServer> {
  const top = mkdtempSync(join(tmpdir(), 'berth-git-'));
  const folder = join(top, 'team/shop.git');
  mkdirSync(folder, { recursive: true });
  const who = ['-c', 'user.name=me', '-c', 'user.email=me@example.org', '-c', 'commit.gpgsign=false'];
  const env = { PATH: process.env.PATH, HOME: top, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...who, ...args], { env, encoding: 'utf8' }).trim();
  git('init', '-q', '-b', 'main');
  let requests = 0;

  const server = createServer((request, response) => {
    requests += 1;
    const url = new URL(request.url ?? '/', 'http://x');
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...env,
        GIT_PROJECT_ROOT: top,
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method,
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => {});
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf('\r\n\r\n');
      for (const line of all.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else if (name !== '') response.setHeader(name, value);
      }
      response.end(all.subarray(end + 4));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/team/shop.git`,
    folder,
    git,
    tree: (lines) =>
      execFileSync('git', ['-C', folder, 'mktree'], { env, encoding: 'utf8', input: `${lines.join('\n')}\n` }).trim(),
    count: () => requests,
    write(name, text) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
    commit() {
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', 'x');
      return git('rev-parse', 'HEAD');
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(top, { recursive: true, force: true });
    },
  };
}
