/** Help for everything, a topic or a command, drawn by oclif. */
import { Help } from '@oclif/core/help';
import { fullConfig, type Package } from './oclif-config.ts';

/** `subject` is a command or topic by its words; empty: all. */
export async function showHelp(subject: string, pack: Package, root: string): Promise<void> {
  const config = await fullConfig(pack, root);
  const help = new Help(config, { maxWidth: 100, hideCommandSummaryInDescription: true });
  await help.showHelp(subject === '' ? [] : [subject.replace(' ', ':')]);
}
