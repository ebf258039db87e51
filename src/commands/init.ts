/** `berth init`: a stack file to begin with. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { tableLines } from '../ui/print-table.ts';
import { BerthCommand, packageRoot } from './berth-command.ts';

type Template = { readonly name: string; readonly description: string };
type Made = { readonly template: string; readonly folder: string; readonly files: readonly string[] };

export default class Init extends BerthCommand {
  static override summary = 'write a stack file and what it needs to run';
  static override enableJsonFlag = true;
  static override args = { folder: Args.string({ default: '.', description: 'folder to write into' }) };
  static override flags = {
    template: Flags.string({ default: 'node', summary: 'what to begin with; --list shows all' }),
    list: Flags.boolean({ summary: 'list the templates' }),
    force: Flags.boolean({ summary: 'replace files that exist' }),
  };
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init --template postgres-redis shop'];

  async run(): Promise<Made | readonly Template[]> {
    const { args, flags } = await this.parse(Init);
    const templates = listTemplates(join(packageRoot(), 'templates'));
    if (flags.list) {
      this.print(
        tableLines(
          ['TEMPLATE', 'WHAT IT IS'],
          templates.map((t) => [t.name, t.description]),
        ),
      );
      return templates;
    }
    const made = copyTemplate(findTemplate(templates, flags.template), resolve(args.folder), flags.force);
    this.print([
      ...made.files.map((file) => `wrote ${join(args.folder, file)}`),
      `next: ${args.folder === '.' ? '' : `cd ${args.folder} && `}berth up`,
    ]);
    return made;
  }
}

/** A template's first line of its stack file that is a plain comment says what it is. */
function listTemplates(folder: string): Template[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const lines = readFileSync(join(folder, name, 'stack.yaml'), 'utf8').split('\n');
      const comment = lines.find((line) => line.startsWith('# ') && !line.includes('yaml-language-server'));
      return { name, description: comment?.slice(2) ?? '' };
    });
}

function findTemplate(templates: readonly Template[], name: string): string {
  if (templates.some((t) => t.name === name)) return name;
  const names = templates.map((t) => t.name);
  const near = nearest(name, names);
  throw new BerthError('USAGE', `there is no template ${name}`, {
    hint: near ? `did you mean ${near}?` : `there are ${names.join(', ')}`,
  });
}

function copyTemplate(template: string, folder: string, force: boolean): Made {
  const source = join(packageRoot(), 'templates', template);
  const files = filesBelow(source);
  const existing = files.filter((file) => existsSync(join(folder, file)));
  if (existing.length > 0 && !force) {
    throw new BerthError('USAGE', `${existing.join(', ')} exist${existing.length === 1 ? 's' : ''} in ${folder}`, {
      hint: 'choose another folder, or replace with --force',
    });
  }
  mkdirSync(folder, { recursive: true });
  cpSync(source, folder, { recursive: true });
  return { template, folder, files };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
