/** `berth login`: checks user and password with the registry and keeps them where Docker does. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import { keepSecret } from '../registry/credentials.ts';
import { checkLogin } from '../registry/registry.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { askPerson, readStdin } from '../ui/ask-person.ts';
import { BerthCommand } from './berth-command.ts';

export default class Login extends BerthCommand {
  static override summary = 'log in to a registry';
  static override enableJsonFlag = true;
  static override args = { server: Args.string({ default: 'docker.io', description: 'host of the registry' }) };
  static override flags = {
    username: Flags.string({ char: 'u', summary: 'user name' }),
    'password-stdin': Flags.boolean({ summary: 'read the password, or a token, from stdin' }),
    password: Flags.string({ char: 'p', hidden: true, summary: 'refused: others can read a command line' }),
  };
  static override examples = [
    '<%= config.bin %> login',
    '<%= config.bin %> login -u me --password-stdin registry.example.com < token',
  ];

  async run(): Promise<{ readonly server: string; readonly user: string; readonly keptIn: string }> {
    const { args, flags } = await this.parse(Login);
    if (flags.password !== undefined) {
      throw new BerthError('USAGE', 'a password on a command line can be read by everybody on the machine', {
        hint: 'use --password-stdin, or let berth ask',
      });
    }
    const server = serverOf(args.server);
    const env = userEnvironment(process.env);
    const user = flags.username ?? (await askPerson('Username: '));
    const password = flags['password-stdin'] ? await readStdin() : await askPerson('Password: ', { secret: true });
    if (user === '' || password === '') throw new BerthError('USAGE', 'user and password can not be empty');
    await checkLogin(server, { kind: 'password', user, password }, { env });
    const keptIn = await keepSecret(server, { user, password }, env);
    this.print([`logged in to ${server} as ${user}; kept in ${keptIn}`]);
    return { server, user, keptIn };
  }
}

/** People paste URLs. */
export function serverOf(text: string): string {
  const host = text.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  return host === 'index.docker.io' || host === 'registry-1.docker.io' || host === '' ? 'docker.io' : host;
}
