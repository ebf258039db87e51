/**
 * A command that only computes once and ends: V8 is told not to compile hot functions a second time.
 *
 * Its optimizing compiler runs beside the command and takes more processor
 * time than the faster code gives back within half a second.
 */
import { setFlagsFromString } from 'node:v8';

/** After the bundle has been loaded: a code cache fits only the flags that it was made with. */
export function withoutOptimizing(): void {
  setFlagsFromString('--no-opt');
}
