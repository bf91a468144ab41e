import type { DeviceInfo } from "../contracts";
import type { Device } from "./device";

/** Features that a device can use but never needs; every kernel that uses one has a portable sibling. */
export const OPTIONAL_FEATURES = ["subgroups", "timestamp-query"] as const;
export type OptionalFeature = (typeof OPTIONAL_FEATURES)[number];

/** Features and limits to withhold, so that tests can show that nothing needs them. */
export interface DeviceOptions {
  readonly without?: readonly OptionalFeature[];
  /** Largest storage binding to request, in bytes; the adapter's own limit if absent. */
  readonly storageBindingBytes?: number;
}

/** Opens devices: a WebGPU adapter, or the processor. */
export interface DeviceAdapter {
  /** e.g. "llvmpipe (LLVM 19.1.7, 256 bits)". */
  readonly name: string;
  /** Whether it computes on the processor, as software adapters do. */
  readonly software: boolean;
  /** Bytes available to models now; infinite if unknown. */
  readonly availableBytes: () => number;
  /** @throws KelvinError "no-webgpu" or "no-webassembly" if the adapter gives no device */
  open(options?: DeviceOptions): Promise<OpenDevice>;
}

export interface OpenDevice {
  readonly device: Device;
  readonly info: DeviceInfo;
}
