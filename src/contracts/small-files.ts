/** How large the small files of a model may be: a server may send without end. */
import { KelvinError } from "./errors";

const MEGABYTE = 1e6;

/** Bytes that are read of a small file. The largest published `tokenizer.json` has 33 MB. */
export function mostBytes(file: string): number {
  return (file === "tokenizer.json" ? 128 : 32) * MEGABYTE;
}

/** @throws KelvinError "model" for a file that is larger */
export function demandSmall(file: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  throw new KelvinError(
    "model",
    `${file} has more than ${most / MEGABYTE} MB`,
    "That is no such file of a model: check its address or its folder.",
  );
}
