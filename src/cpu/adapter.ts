import type { DeviceAdapter } from "../device/adapter";
import type { Simd } from "../device/device";
import { Cpu } from "./cpu";
import { MOST_BYTES } from "./memory";

const NAMES: Readonly<Record<Simd, string>> = {
  plain: "CPU (WebAssembly SIMD)",
  relaxed: "CPU (WebAssembly relaxed SIMD)",
};

/**
 * The processor as an adapter for the engine.
 * @param free bytes that the system has free; infinite if unknown
 */
export function cpuAdapter(simd: Simd, free: () => number = () => Number.POSITIVE_INFINITY): DeviceAdapter {
  let opened: Cpu | null = null;
  const name = NAMES[simd];
  return {
    name,
    software: true,
    availableBytes: () => Math.min(free(), opened?.availableBytes ?? MOST_BYTES),
    async open({ storageBindingBytes } = {}) {
      opened = await Cpu.open({ simd, ...(storageBindingBytes && { mostBytes: storageBindingBytes }) });
      const limits = { maxBufferSize: opened.mostBytes, memory: MOST_BYTES };
      const info = { description: name, vendor: "", architecture: "wasm", software: true, features: [simd], limits };
      return { device: opened, info };
    },
  };
}
