/** Builds records of a log, for tests of what reads them. */
export function record(second: number, text: string | Buffer, { flag = 'F', stream = 'stdout' } = {}): Buffer {
  const stamp = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace('Z', '000000Z');
  return Buffer.concat([Buffer.from(`${stamp} ${stream} ${flag} `), Buffer.from(text), Buffer.from('\n')]);
}

export function records(texts: readonly string[], from = 0): Buffer {
  return Buffer.concat(texts.map((text, index) => record(from + index, text)));
}
