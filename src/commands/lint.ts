/** `berth lint`: everything that is wrong or doubtful in the stack file, for editors and CI. */
import * as Flags from '@oclif/core/flags';
import type { Diagnostic } from '../base/errors.ts';
import { printWarnings } from '../ui/print-error.ts';
import { BerthCommand } from './berth-command.ts';
import { withSources } from './remote-sources.ts';
import { fetchingOf, NOTHING_TO_CHANGE, requestOf, STACK_FLAGS } from './stack-flags.ts';

export type LintResult = {
  readonly errors: number;
  readonly warnings: number;
  /** Errors first, each in the order of the files. */
  readonly findings: readonly Diagnostic[];
};

export default class Lint extends BerthCommand {
  static override summary = 'tell everything that is wrong or doubtful in the stack file';
  static override description =
    'The exit code is 0 when there is no error, 1 when there are warnings and --strict is given, 3 when there are errors.';
  static override enableJsonFlag = true;
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    strict: Flags.boolean({ summary: 'warnings are failures too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'exit code only' }),
  };
  static override examples = [
    '<%= config.bin %> lint',
    '<%= config.bin %> lint --json -f stack.yaml',
    '<%= config.bin %> lint --strict --profile "*"',
  ];

  async run(): Promise<LintResult> {
    const { flags } = await this.parse(Lint);
    const { lintFiles } = await import('../stackfile/lint-files.ts');
    const findings = await withSources(fetchingOf(flags), (sources) => lintFiles({ ...requestOf(flags, []), sources }));
    const [errors, warnings] = ['error', 'warning'].map((kind) => findings.filter((f) => f.severity === kind));
    if (!flags.quiet && !this.jsonEnabled()) {
      printWarnings(findings);
      this.print([summaryOf(errors!.length, warnings!.length)]);
    }
    if (errors!.length > 0) process.exitCode = 3;
    else if (flags.strict && warnings!.length > 0) process.exitCode = 1;
    return { errors: errors!.length, warnings: warnings!.length, findings };
  }
}

function summaryOf(errors: number, warnings: number): string {
  if (errors + warnings === 0) return 'nothing to say against it';
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
}
