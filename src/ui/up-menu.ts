/**
 * Keys of an attached `up`: d leaves everything running and ends the command, w switches the watching of files.
 *
 * Takes the terminal's keys one by one for that, so Ctrl-C and Ctrl-Z come as
 * keys too and are handed on as the signals they were.
 */
import { noteLine } from './output.ts';
import type { WatchSwitch } from './watch-switch.ts';

export type UpMenu = { readonly detach: AbortSignal; close(): void };

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';

/** Without a terminal there are no keys: then nothing ever happens. */
export function openMenu(wanted: boolean, watch: WatchSwitch | null): UpMenu {
  const detach = new AbortController();
  const { stdin } = process;
  if (!wanted || !stdin.isTTY || !process.stdout.isTTY) return { detach: detach.signal, close() {} };
  noteLine(`d: leave it running and go · ${watch ? 'w: watch files or not · ' : ''}Ctrl-C: stop`);
  const onKeys = (keys: Buffer) => {
    for (const key of keys.toString('latin1')) {
      if (key === 'd') detach.abort();
      if (key === 'w') void watch?.toggle();
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT');
      if (key === CTRL_Z) suspend();
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', onKeys);
  return {
    detach: detach.signal,
    close() {
      stdin.off('data', onKeys);
      stdin.setRawMode(false);
      stdin.pause();
      stdin.unref?.();
    },
  };
}

/** The shell must find its terminal as it was; what we changed comes back with us. */
function suspend(): void {
  process.stdin.setRawMode(false);
  process.once('SIGCONT', () => process.stdin.setRawMode(true));
  process.kill(process.pid, 'SIGTSTP');
}
