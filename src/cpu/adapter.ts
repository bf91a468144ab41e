import type { DeviceAdapter } from "../device/adapter";
import type { Simd } from "../device/device";
import type { Threads } from "../device/helpers";
import { Cpu, SHARDS } from "./cpu";
import { MOST_BYTES } from "./memory";

const NAMES: Readonly<Record<Simd, string>> = {
  plain: "CPU (WebAssembly SIMD)",
  relaxed: "CPU (WebAssembly relaxed SIMD)",
};

/** Optional parts of the CPU engine. */
export interface CpuAdapterOptions {
  /** Bytes that the system has free; infinite if unknown. */
  readonly free?: () => number;
  /** Threads that help; without them one thread computes. */
  readonly threads?: Threads;
}

/** The processor as an adapter for the engine. */
export function cpuAdapter(simd: Simd, options: CpuAdapterOptions = {}): DeviceAdapter {
  const { free = () => Number.POSITIVE_INFINITY } = options;
  let opened: Cpu | null = null;
  const name = NAMES[simd];
  return {
    name,
    software: true,
    availableBytes: () => Math.min(free(), opened?.availableBytes ?? MOST_BYTES),
    async open({ storageBindingBytes } = {}) {
      opened = await Cpu.open({ simd, ...options, ...(storageBindingBytes && { mostBytes: storageBindingBytes }) });
      const limits = { maxBufferSize: opened.mostBytes, memory: MOST_BYTES };
      const info = { description: name, vendor: "", architecture: "wasm", software: true, features: [simd], limits };
      return { device: opened, info };
    },
  };
}

/** More workers than shards of an update would have nothing to do. */
export const MOST_WORKERS = SHARDS;

/** Threads that help one that computes too, where there may be this many in all. */
export function helpersFor(workers: number): number {
  return Math.max(0, Math.min(MOST_WORKERS, workers) - 1);
}
