/** `berth logout`. */
import * as Args from '@oclif/core/args';
import { forgetSecret } from '../registry/credentials.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { BerthCommand } from './berth-command.ts';
import { serverOf } from './login.ts';

export default class Logout extends BerthCommand {
  static override summary = 'forget user and password of a registry';
  static override enableJsonFlag = true;
  static override args = { server: Args.string({ default: 'docker.io', description: 'host of the registry' }) };
  static override examples = ['<%= config.bin %> logout registry.example.com'];

  async run(): Promise<{ readonly server: string; readonly forgotten: boolean }> {
    const { args } = await this.parse(Logout);
    const server = serverOf(args.server);
    const forgotten = await forgetSecret(server, userEnvironment(process.env));
    this.print([forgotten ? `logged out of ${server}` : `nobody was logged in to ${server}`]);
    return { server, forgotten };
  }
}
