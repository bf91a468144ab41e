import { storageFailure, storing } from "./files";

/** Name of a run's log, here and in Node's folder. */
export const EVENTS = "events.jsonl";

/** Lines are buffered up to this many characters. */
const MOST_WAITING = 65_536;

/** A log that is written line by line in a worker. The file stays open until `close`. */
export class RunLog {
  private waiting = "";
  private readonly encoder = new TextEncoder();

  private constructor(
    private readonly file: FileSystemSyncAccessHandle,
    private at: number,
    /** Lines so far. */
    public lines: number,
  ) {}

  /**
   * Opens the log after its first `lines` lines and drops the rest.
   * @param earlier those lines, each with its newline
   */
  static async open(folder: FileSystemDirectoryHandle, earlier: string, lines: number): Promise<RunLog> {
    return storing(async () => {
      const handle = await folder.getFileHandle(EVENTS, { create: true });
      const file = await handle.createSyncAccessHandle();
      const bytes = new TextEncoder().encode(earlier).byteLength;
      file.truncate(bytes);
      return new RunLog(file, bytes, lines);
    });
  }

  append(line: string): void {
    this.waiting += line;
    this.lines += 1;
    if (this.waiting.length > MOST_WAITING) this.write();
  }

  /** Writes all appended lines to the device. @throws KelvinError "storage" */
  flush(): void {
    this.write();
    this.file.flush();
  }

  /** Closes the file; unwritten lines are lost. */
  abandon(): void {
    this.file.close();
  }

  close(): void {
    try {
      this.flush();
    } finally {
      this.file.close();
    }
  }

  private write(): void {
    if (this.waiting === "") return;
    const bytes = this.encoder.encode(this.waiting);
    this.waiting = "";
    try {
      const written = this.file.write(bytes, { at: this.at });
      this.at += written;
      if (written < bytes.byteLength) throw new DOMException("the log was cut off", "QuotaExceededError");
    } catch (error) {
      throw storageFailure(error);
    }
  }
}

/** The first `count` lines of a log, newlines included; null if it has fewer. */
export function firstLines(text: string, count: number): string | null {
  let end = 0;
  for (let line = 0; line < count; line++) {
    end = text.indexOf("\n", end) + 1;
    if (end === 0) return null;
  }
  return text.slice(0, end);
}
