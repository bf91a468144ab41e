import type { Stopwatch } from "../device/stopwatch";
import type { View } from "../device/view";
import type { Gpu } from "./gpu";

/** Times dispatches: with the device's timestamps if it has them, else with the host's clock from submit to finish. */
export class GpuStopwatch implements Stopwatch {
  private readonly marks: {
    readonly queries: GPUQuerySet;
    readonly times: View & { readonly buffer: GPUBuffer };
  } | null;

  constructor(private readonly gpu: Gpu) {
    const hasClock = gpu.device.features.has("timestamp-query");
    this.marks = hasClock ? this.makeMarks() : null;
  }

  async milliseconds(record: () => void): Promise<number> {
    this.gpu.flush();
    await this.gpu.device.queue.onSubmittedWorkDone();
    const start = performance.now();
    this.mark(0);
    record();
    this.gpu.flush();
    this.mark(1);
    if (!this.marks) {
      await this.gpu.device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    }
    const [begin = 0n, end = 0n] = new BigUint64Array(await this.gpu.read(this.marks.times));
    // Some drivers return zeros. The host's time is a little longer, equally for all variants.
    return end > begin ? Number(end - begin) / 1e6 : performance.now() - start;
  }

  /** The queue is in order: an empty pass gets the timestamp at which earlier work finished. */
  private mark(index: 0 | 1): void {
    if (!this.marks) return;
    const { queries, times } = this.marks;
    const encoder = this.gpu.device.createCommandEncoder();
    const timestampWrites =
      index === 0 ? { querySet: queries, endOfPassWriteIndex: 0 } : { querySet: queries, beginningOfPassWriteIndex: 1 };
    encoder.beginComputePass({ timestampWrites }).end();
    if (index === 1) encoder.resolveQuerySet(queries, 0, 2, times.buffer, 0);
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  private makeMarks() {
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    return {
      queries: this.gpu.device.createQuerySet({ type: "timestamp", count: 2 }),
      times: { buffer: this.gpu.device.createBuffer({ label: "timestamps", size: 16, usage }), offset: 0, size: 16 },
    };
  }

  destroy(): void {
    if (!this.marks) return;
    this.marks.queries.destroy();
    this.marks.times.buffer.destroy();
  }
}
