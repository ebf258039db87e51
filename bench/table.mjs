/** Markdown tables, and the sentence that holds a figure against its aim. */

export function table(headings, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `met` or `NOT met`, with the ratio. */
export function verdict(text, value, limit) {
  return `${text}: ${value.toFixed(2)}, at most ${limit} was asked for: ${value <= limit ? 'met' : '**not met**'}.`;
}
