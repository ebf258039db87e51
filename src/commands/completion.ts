/** `berth completion`: a script for the shell, made from the commands and their flags. */
import * as Args from '@oclif/core/args';
import { printLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';
import { COMMANDS, loadCommand, TOPICS } from './command-table.ts';

type Described = { readonly id: string; readonly summary: string; readonly flags: readonly string[] };

export default class Completion extends BerthCommand {
  static override summary = 'print a completion script for the shell';
  static override args = {
    shell: Args.string({ required: true, options: ['bash', 'zsh', 'fish'], description: 'shell' }),
  };
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/berth.fish',
  ];

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const commands = await Promise.all(Object.keys(COMMANDS).map(describe));
    const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
    printLine(scripts[args.shell as keyof typeof scripts](commands));
  }
}

async function describe(id: string): Promise<Described> {
  const command = await loadCommand(id);
  const json = command.enableJsonFlag ? ['--json'] : [];
  return {
    id,
    summary: command.summary ?? '',
    flags: [...Object.keys(command.flags ?? {}).map((name) => `--${name}`), ...json, '--help'],
  };
}

/** Commands that take services complete them from what runs. */
const ON_SERVICES =
  'up|ps|logs|exec|run|stop|start|restart|kill|create|pause|unpause|rm|attach|wait|top|stats|port|images|export|commit';

function firstWords(commands: readonly Described[]): string[] {
  return [...new Set(commands.map((c) => c.id.split(' ')[0]!))];
}

function bashScript(commands: readonly Described[]): string {
  const cases = commands.map((c) => `    "${c.id}") flags="${c.flags.join(' ')}" ;;`).join('\n');
  const topics = Object.keys(TOPICS).map((t) => {
    const words = commands.filter((c) => c.id.startsWith(`${t} `)).map((c) => c.id.split(' ')[1]);
    return `    ${t}) [ "$COMP_CWORD" -eq 2 ] && { COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word")); return; } ; id="$id \${COMP_WORDS[2]}" ;;`;
  });
  return `_berth() {
  local word="\${COMP_WORDS[COMP_CWORD]}" id="\${COMP_WORDS[1]}" flags=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords(commands).join(' ')}" -- "$word"))
    return
  fi
  case "$id" in
${topics.join('\n')}
  esac
  case "$id" in
${cases}
  esac
  if [[ "$word" != -* && "$id" =~ ^(${ON_SERVICES})$ ]]; then
    flags="$(berth ps -a --services 2>/dev/null)"
  fi
  COMPREPLY=($(compgen -W "$flags" -- "$word"))
}
complete -o default -F _berth berth`;
}

function zshScript(commands: readonly Described[]): string {
  return `#compdef berth
autoload -U +X bashcompinit && bashcompinit
${bashScript(commands)}`;
}

function fishScript(commands: readonly Described[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const first = commands
    .filter((c) => !c.id.includes(' '))
    .map((c) => `complete -c berth -n __fish_use_subcommand -a ${c.id} -d ${quoted(c.summary)}`);
  const topics = Object.entries(TOPICS).map(
    ([name, text]) => `complete -c berth -n __fish_use_subcommand -a ${name} -d ${quoted(text)}`,
  );
  const second = commands
    .filter((c) => c.id.includes(' '))
    .map((c) => {
      const [topic, word] = c.id.split(' ');
      return `complete -c berth -n '__fish_seen_subcommand_from ${topic}' -a ${word} -d ${quoted(c.summary)}`;
    });
  const flags = commands.flatMap((c) =>
    c.flags.map(
      (flag) => `complete -c berth -n '__fish_seen_subcommand_from ${c.id.split(' ').at(-1)}' -l ${flag.slice(2)}`,
    ),
  );
  return ['complete -c berth -f', ...first, ...topics, ...second, ...new Set(flags)].join('\n');
}
