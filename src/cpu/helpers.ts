/** The owner's side of its helpers. */
import { KelvinError } from "../contracts";
import type { Simd } from "../device/device";
import type { Channel, Given, Helpers, Task, Threads } from "../device/helpers";
import { type FromHelper, type ToHelper, unpacked } from "./messages";

/** What a helper needs to open a device like the owner's. */
interface Opening {
  readonly simd: Simd;
  readonly mostBytes: number;
  readonly module: WebAssembly.Module;
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onPart: (part: never) => void;
}

/** Shortest time between two signs to a helper. */
const BEAT_MS = 8;

/** One helper, as its owner sees it. */
class Helper {
  private readonly pending = new Map<number, Pending>();
  private next = 0;
  private opened: () => void = () => {};
  private refused: (error: Error) => void = () => {};
  /** Resolves when the helper can work. */
  readonly ready = new Promise<void>((resolve, reject) => {
    this.opened = resolve;
    this.refused = reject;
  });
  private ended: KelvinError | null = null;

  constructor(
    private readonly channel: Channel,
    opening: Opening,
    private readonly onEnd: (error: KelvinError) => void,
  ) {
    channel.listen(
      (message) => this.hear(message as FromHelper),
      (why) => this.end(why),
    );
    this.post({ type: "open", ...opening });
  }

  get isBusy(): boolean {
    return this.pending.size > 0;
  }

  give({ name, asks, transfer }: Task, onPart: (part: never) => void): Given {
    const id = this.next++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject, onPart });
      if (this.ended) this.fail(id, this.ended);
      else this.post({ type: "give", id, name, asks }, transfer);
    });
    answer.catch(() => {}); // its reader is told
    return { answer, cancel: () => this.pending.has(id) && this.post({ type: "cancel", id }) };
  }

  beat(): void {
    if (this.isBusy) this.post({ type: "beat" });
  }

  close(): void {
    this.ended ??= new KelvinError("device-lost", "The CPU engine was closed.");
    this.channel.close();
    for (const id of [...this.pending.keys()]) this.fail(id, this.ended);
  }

  private post(message: ToHelper, transfer?: readonly ArrayBuffer[]): void {
    if (!this.ended) this.channel.post(message, transfer);
  }

  private hear(message: FromHelper): void {
    if (message.type === "ready") this.opened();
    else if (message.type === "unable") this.refused(unpacked(message.failure));
    else if (message.type === "part") this.pending.get(message.id)?.onPart(message.part as never);
    else if (message.type === "failed") this.fail(message.id, unpacked(message.failure));
    else this.answer(message.id, message.answer);
  }

  private answer(id: number, answer: unknown): void {
    this.pending.get(id)?.resolve(answer);
    this.pending.delete(id);
  }

  private fail(id: number, error: Error): void {
    this.pending.get(id)?.reject(error);
    this.pending.delete(id);
  }

  private end(why: string): void {
    if (this.ended) return;
    const hint = "Open the engine again, and go on from the last checkpoint.";
    this.ended = new KelvinError("device-lost", `A worker of the CPU engine has ended: ${why}`, hint);
    this.refused(this.ended);
    for (const id of [...this.pending.keys()]) this.fail(id, this.ended);
    this.onEnd(this.ended);
  }
}

/** Helpers that have opened their devices. */
export class CpuHelpers implements Helpers {
  private beaten = 0;

  private constructor(
    private readonly helpers: readonly Helper[],
    readonly freeBytes: () => number,
  ) {}

  /**
   * Opens the helpers. One that cannot work here is left out: fewer helpers give the same bits.
   * @param onEnd called when one ends later
   */
  static async open(
    { count, spawn }: Threads,
    opening: Opening,
    freeBytes: () => number,
    onEnd: (error: KelvinError) => void,
  ): Promise<CpuHelpers | null> {
    let isOpen = false;
    const tell = (error: KelvinError) => isOpen && onEnd(error);
    const made = await Promise.all(Array.from({ length: count }, () => openHelper(spawn, opening, tell)));
    isOpen = true;
    const helpers = made.filter((one) => one !== null);
    return helpers.length > 0 ? new CpuHelpers(helpers, freeBytes) : null;
  }

  get count(): number {
    return this.helpers.length;
  }

  give(helper: number, task: Task, onPart: (part: never) => void = () => {}): Given {
    const found = this.helpers[helper];
    if (!found) throw new Error(`helper ${helper} of ${this.count}`);
    return found.give(task, onPart);
  }

  /** Tells those who work to go on. */
  beat(): void {
    const now = performance.now();
    if (now - this.beaten < BEAT_MS) return;
    this.beaten = now;
    for (const helper of this.helpers) helper.beat();
  }

  close(): void {
    for (const helper of this.helpers) helper.close();
  }
}

async function openHelper(
  spawn: Threads["spawn"],
  opening: Opening,
  onEnd: (error: KelvinError) => void,
): Promise<Helper | null> {
  let helper: Helper | null = null;
  try {
    helper = new Helper(spawn(), opening, onEnd);
    await helper.ready;
    return helper;
  } catch {
    helper?.close();
    return null;
  }
}
