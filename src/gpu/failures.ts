import { KelvinError } from "../contracts";

const HINTS = {
  "device-lost": "Start again; a run with --out goes on from its last checkpoint with --resume.",
  "out-of-memory":
    "Choose a smaller model, or train adapters (LoRA) instead of the whole of it, or close what else uses the GPU.",
  internal: "",
} as const;

/** Time in which the report of a cause may follow a rejection. */
const NEWS_MS = 200;

/**
 * Turns a device's failures into errors that a caller can act on. WebGPU reports failures separately from the calls that cause
 * them; this class stores the first report and throws it where a caller waits for the device.
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

  /** @throws KelvinError the first failure that the device has reported */
  check(): void {
    if (this.first) throw this.first;
  }

  /**
   * Awaits a result of the device.
   * @throws KelvinError the device's report, if it explains the rejection
   */
  async explain<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      // A lost device rejects all pending work, and reports the loss separately, sometimes a moment later.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, NEWS_MS))]);
      this.check();
      throw new KelvinError("internal", `The GPU refused: ${String(cause)}`);
    }
  }

  /**
   * Runs `make`, which creates and fills buffers, and checks the device's reports.
   * @throws KelvinError "out-of-memory" if the device has no room; else whatever `make` throws
   */
  async hear<T>(make: () => Promise<T>): Promise<T> {
    // If a buffer could not be created, writing to it is a validation error: a consequence, dropped together with its cause.
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
