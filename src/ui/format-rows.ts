/**
 * Rows of a list in the form that `--format` asks for: table, json, or a template.
 */
import { parseTemplate, templateFields } from './go-template.ts';
import { tableLines } from './print-table.ts';

export type Row = Readonly<Record<string, unknown>>;

export type RowFormat = {
  /** undefined: the command's own table. */
  readonly format: string | undefined;
  readonly table: () => string[];
  /** Headings of fields where they are not the field's name in capitals. */
  readonly headings?: Readonly<Record<string, string>>;
};

/** Lines of the list; `json` is one object a line, as docker has it. USAGE for a template that is not understood. */
export function formatRows(rows: readonly Row[], { format, table, headings = {} }: RowFormat): string[] {
  if (format === undefined || format === '' || format === 'table' || format === 'pretty') return table();
  if (format === 'json') return rows.map((row) => JSON.stringify(row));
  if (format.startsWith('table ')) return templateTable(rows, format.slice('table '.length), headings);
  const template = parseTemplate(format);
  return rows.map(template);
}

/** Columns stand between tabs, each headed by its first field. */
function templateTable(rows: readonly Row[], text: string, headings: Readonly<Record<string, string>>): string[] {
  const template = parseTemplate(text);
  const cellsOf = (row: Row) => template(row).split('\t');
  const columns = text.replaceAll('\\t', '\t').split('\t');
  const names = columns.map((column) =>
    templateFields(column)
      .map((field) => headings[field] ?? headingOf(field))
      .join(' '),
  );
  return tableLines(names, rows.map(cellsOf));
}

/** `RunningFor` -> `RUNNING FOR`. */
function headingOf(field: string): string {
  return field.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase();
}
