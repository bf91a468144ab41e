/** The page's end of the library; its workers begin with the first call. */
import {
  type ExportedFile,
  type ExportKind,
  KelvinError,
  type LibraryAnswer,
  type LibraryCall,
  type ListedRun,
  type PairRow,
  type RunLibrary,
  type StorageUse,
  type StoredRun,
  type UnreadableRun,
} from "../contracts";

const UNREACHED =
  "The list of runs could not be opened: there is no network, or the page was updated since it was opened.";

/** What a file may take: so long, and a second more for each of its megabytes. */
const FILE_MS = 60_000;
const MS_PER_BYTE = 1e-3;
/** What a report may take; weights are copied, which takes as long as the device needs. */
const REPORT_MS = 120_000;
/** Exports that parse the whole log. */
const READS_LOG: ReadonlySet<ExportKind> = new Set<ExportKind>(["report", "csv", "tensorboard", "handover"]);

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: KelvinError) => void;
}

/**
 * The kept runs, by way of workers. What reads the data of strangers has a worker for each call, which is ended after a
 * time, so that the list answers meanwhile and afterwards.
 */
export class LibraryClient implements RunLibrary {
  private readonly steady: Lane;

  /** @param create makes a worker that answers */
  constructor(private readonly create: () => Worker) {
    this.steady = new Lane(create);
  }

  list(): Promise<readonly ListedRun[]> {
    return this.steady.call("list");
  }

  unreadable(): Promise<readonly UnreadableRun[]> {
    return this.steady.call("unreadable");
  }

  usage(): Promise<StorageUse> {
    return this.steady.call("usage");
  }

  rename(id: string, name: string): Promise<void> {
    return this.steady.call("rename", id, name);
  }

  remove(id: string): Promise<void> {
    return this.steady.call("remove", id);
  }

  log(id: string): Promise<Blob> {
    return this.steady.call("log", id);
  }

  rightAnswers(id: string): Promise<readonly PairRow[]> {
    return this.apart(REPORT_MS, (lane) => lane.call("rightAnswers", id));
  }

  export(id: string, kind: ExportKind): Promise<ExportedFile> {
    const most = READS_LOG.has(kind) ? REPORT_MS : Number.POSITIVE_INFINITY;
    return this.apart(most, (lane) => lane.call("export", id, kind));
  }

  import(file: File): Promise<StoredRun> {
    return this.apart(FILE_MS + file.size * MS_PER_BYTE, (lane) => lane.call("import", file));
  }

  /** One call in a worker of its own, for so many milliseconds at most. */
  private async apart<T>(most: number, work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = new Lane(this.create);
    const late = new KelvinError("input", "This took too long and was ended.", "Nothing else was changed by it.");
    const timer = Number.isFinite(most) ? setTimeout(() => lane.end(late), most) : undefined;
    try {
      return await work(lane);
    } finally {
      clearTimeout(timer);
      lane.end(late);
    }
  }
}

/** One worker, and the calls that wait for it. */
class Lane {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;

  constructor(private readonly create: () => Worker) {}

  call<T>(method: LibraryCall["method"], ...values: readonly unknown[]): Promise<T> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.open().postMessage({ id, method, values } satisfies LibraryCall);
    });
  }

  /** The worker's code did not come, it broke, or it took too long: pending calls reject. The next call begins a new one. */
  end(why: KelvinError): void {
    this.worker?.terminate();
    this.worker = null;
    for (const { reject } of this.waiting.values()) reject(why);
    this.waiting.clear();
  }

  private open(): Worker {
    if (this.worker) return this.worker;
    this.worker = this.create();
    this.worker.onmessage = ({ data }: MessageEvent<LibraryAnswer>) => this.settle(data);
    this.worker.onerror = () => this.end(new KelvinError("storage", UNREACHED, "Try again, or reload the page."));
    return this.worker;
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
