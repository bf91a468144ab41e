import { KelvinError } from "../contracts";

const HINTS = {
  "device-lost": "Start again; a run with --out goes on from its last checkpoint with --resume.",
  "out-of-memory":
    "Choose a smaller model, or train adapters (LoRA) instead of the whole of it, or close what else uses the GPU.",
  internal: "",
} as const;

/** How long a rejection may be ahead of the news of what caused it. */
const NEWS_MS = 200;

/**
 * What went wrong with a device, as errors a caller can act on. WebGPU tells of failures beside the calls that cause
 * them; here the first one is kept, and thrown wherever somebody waits for the device.
 */
export class Failures {
  private first: KelvinError | null = null;

  constructor(private readonly device: GPUDevice) {
    device.addEventListener("uncapturederror", ({ error }) => this.note(reasonOf(error), error.message));
    void device.lost.then(({ reason, message }) =>
      this.note("device-lost", reason === "destroyed" ? "The GPU device was closed." : `The GPU was lost: ${message}`),
    );
  }

  private note(reason: keyof typeof HINTS, message: string): void {
    this.first ??= new KelvinError(reason, message, HINTS[reason]);
  }

  /** @throws KelvinError the first thing the device has reported */
  check(): void {
    if (this.first) throw this.first;
  }

  /**
   * The result of something asked of the device.
   * @throws KelvinError instead of the device's own rejection: what the device reports, where that explains it
   */
  async explain<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      // A lost device rejects whatever is under way, and says so beside it, sometimes a moment later.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, NEWS_MS))]);
      this.check();
      throw new KelvinError("internal", `The GPU refused: ${String(cause)}`);
    }
  }

  /**
   * Runs `make`, which creates buffers and fills them, and hears what the device says of it.
   * @throws KelvinError "out-of-memory" where the device has no room; else whatever `make` throws
   */
  async hear<T>(make: () => Promise<T>): Promise<T> {
    // A write to a buffer that could not be had is invalid: a consequence, to be dropped together with its cause.
    this.device.pushErrorScope("validation");
    this.device.pushErrorScope("out-of-memory");
    const [made] = await Promise.allSettled([make()]);
    const scopes = Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
    const [shortage, invalid] = await this.explain(scopes);
    if (shortage)
      throw new KelvinError("out-of-memory", `The GPU has no room: ${shortage.message}`, HINTS["out-of-memory"]);
    if (invalid) this.note("internal", invalid.message);
    if (made.status === "rejected") throw made.reason;
    return made.value;
  }
}

function reasonOf(error: GPUError): "internal" | "out-of-memory" {
  return error instanceof GPUOutOfMemoryError ? "out-of-memory" : "internal";
}
