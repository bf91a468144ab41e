import type { OnBytes } from "../download/download";
import { megabytes } from "../download/shelf";

/** A terminal, or anything else that accepts text. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Files below this size are not reported. */
const WORTH_TELLING = 2 ** 20;

/**
 * Reports download progress per file: on a terminal by rewriting one line, elsewhere a line per tenth. Complete and small files
 * are not mentioned.
 */
export function byteProgress(output: Output): OnBytes {
  let told = { file: "", tenth: 0, percent: -1 };
  return (loaded, total, file) => {
    if (total < WORTH_TELLING) return;
    const isThere = loaded === total;
    if (file !== told.file) told = isThere ? { file, tenth: 10, percent: 100 } : { file, tenth: 0, percent: -1 };
    const [percent, tenth] = [100, 10].map((parts) => Math.floor((loaded / total) * parts)) as [number, number];
    const line = `${file}: ${megabytes(loaded)} of ${megabytes(total)} MB`;
    if (output.isTTY && percent > told.percent) output.write(`\r${line}${loaded === total ? "\n" : ""}`);
    else if (!output.isTTY && tenth > told.tenth) output.write(`${line}\n`);
    told = { file, tenth: Math.max(tenth, told.tenth), percent: Math.max(percent, told.percent) };
  };
}
