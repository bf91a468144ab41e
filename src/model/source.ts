/** Sources of a model's files: a folder, files dropped on the page, or a download. */
import { demandSmall, KelvinError, mostBytes } from "../contracts";

/** A file that is read in parts, so that only one part is in memory. */
export interface ModelFile {
  /** In bytes. */
  readonly size: number;
  /**
   * `length` bytes from `offset` on, at the start of a buffer of their own.
   * @throws KelvinError if the bytes cannot be read
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A model directory in the Hugging Face layout. */
export interface ModelSource {
  /** For people. */
  readonly name: string;
  /**
   * null if missing.
   * @param most bytes that a small file may have; a download ends there
   * @throws KelvinError if it cannot be read
   */
  open(file: string, most?: number): Promise<ModelFile | null>;
}

/** Files in memory or on disk, by name. */
export function blobSource(name: string, files: ReadonlyMap<string, Blob>): ModelSource {
  return {
    name,
    open: async (file) => {
      const blob = files.get(file);
      return blob ? blobFile(file, blob) : null;
    },
  };
}

/** A blob, or a visitor's file, read in parts. */
export function blobFile(name: string, blob: Blob): ModelFile {
  return {
    size: blob.size,
    read: async (offset, length) => {
      const part = await blob
        .slice(offset, offset + length)
        .arrayBuffer()
        .catch(() => null);
      if (part?.byteLength !== length)
        throw new KelvinError("model", `${name} cannot be read any more`, "It was moved or changed; choose it again.");
      return new Uint8Array(part);
    },
  };
}

/** A small file as text; null if missing. */
export async function readText(source: ModelSource, file: string): Promise<string | null> {
  const most = mostBytes(file);
  const opened = await source.open(file, most);
  demandSmall(file, opened?.size ?? 0, most);
  return opened && new TextDecoder().decode(await opened.read(0, opened.size));
}

/** A small file as JSON; null if missing. @throws KelvinError "model" that names the file */
export async function readJson(source: ModelSource, file: string): Promise<unknown> {
  const text = await readText(source, file);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's message has only a position; people need the file's name.
    throw new KelvinError("model", `${file} is not JSON`, error instanceof Error ? error.message : String(error));
  }
}

/** @throws KelvinError "model" for a missing file */
export function absent(source: ModelSource, file: string): KelvinError {
  return new KelvinError(
    "model",
    `${source.name} has no ${file}`,
    "A model folder holds config.json, tokenizer.json and model.safetensors (or its parts with their index).",
  );
}
