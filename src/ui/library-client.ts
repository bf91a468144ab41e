/** The page's side of the library; its worker starts with the first call. */
import {
  type ExportedFile,
  type ExportKind,
  KelvinError,
  type LibraryAnswer,
  type LibraryCall,
  type ListedRun,
  type RunLibrary,
  type StorageUse,
  type StoredRun,
} from "../contracts";

const UNREACHED =
  "The list of runs could not be opened: there is no network, or the page was updated since it was opened.";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: KelvinError) => void;
}

/** The stored runs, through a worker that starts with the first call. */
export class LibraryClient implements RunLibrary {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;

  /** @param create creates the worker */
  constructor(private readonly create: () => Worker) {}

  list(): Promise<readonly ListedRun[]> {
    return this.call("list");
  }

  usage(): Promise<StorageUse> {
    return this.call("usage");
  }

  rename(id: string, name: string): Promise<void> {
    return this.call("rename", id, name);
  }

  remove(id: string): Promise<void> {
    return this.call("remove", id);
  }

  log(id: string): Promise<Blob> {
    return this.call("log", id);
  }

  export(id: string, kind: ExportKind): Promise<ExportedFile> {
    return this.call("export", id, kind);
  }

  import(file: File): Promise<StoredRun> {
    return this.call("import", file);
  }

  private call<T>(method: LibraryCall["method"], ...values: readonly unknown[]): Promise<T> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.open().postMessage({ id, method, values } satisfies LibraryCall);
    });
  }

  private open(): Worker {
    if (this.worker) return this.worker;
    this.worker = this.create();
    this.worker.onmessage = ({ data }: MessageEvent<LibraryAnswer>) => this.settle(data);
    this.worker.onerror = () => this.giveUp();
    return this.worker;
  }

  /** The worker failed to load or broke: pending calls reject, and the next call starts a new worker. */
  private giveUp(): void {
    this.worker?.terminate();
    this.worker = null;
    for (const { reject } of this.waiting.values())
      reject(new KelvinError("storage", UNREACHED, "Try again, or reload the page."));
    this.waiting.clear();
  }

  private settle(answer: LibraryAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ("refusal" in answer) {
      const { reason, message, hint } = answer.refusal;
      waiting?.reject(new KelvinError(reason, message, hint));
    } else waiting?.resolve(answer.value as never);
  }
}
