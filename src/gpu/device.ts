import { type DeviceInfo, KelvinError } from "../contracts";
import { type DeviceAdapter, type DeviceOptions, OPTIONAL_FEATURES, type OpenDevice } from "../device/adapter";
import type { Gpu } from "./gpu";

/** Initial estimate of the floating-point operations per submit; measured times correct it. */
const SOFTWARE_COST = 1.5e9;
const HARDWARE_COST = 2e10;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

function isSoftware(info: GPUAdapterInfo): boolean {
  return SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.description} ${info.device}`);
}

/** Wraps a WebGPU adapter for the engine. Its free memory is unknown unless the caller supplies it. */
export function gpuAdapter(
  adapter: GPUAdapter,
  availableBytes: DeviceAdapter["availableBytes"] = () => Number.POSITIVE_INFINITY,
): DeviceAdapter {
  const { info } = adapter;
  return {
    name: describe(adapter, false).description,
    software: isSoftware(info),
    availableBytes,
    async open(options): Promise<OpenDevice> {
      const opened = await openDevice(adapter, options);
      return { device: opened.gpu, info: opened.info };
    },
  };
}

/**
 * Opens a device with the optional features and the largest buffer and binding sizes. All other limits stay at WebGPU's defaults
 * (8 storage buffers, 256 invocations, 16 KiB of workgroup memory). So a kernel that needs more fails on every adapter, not only
 * on a small one.
 * @throws KelvinError "no-webgpu" if the adapter gives no device
 */
export async function openDevice(
  adapter: GPUAdapter,
  { without = [], storageBindingBytes = Number.POSITIVE_INFINITY }: DeviceOptions = {},
): Promise<{ gpu: Gpu; info: DeviceInfo }> {
  const features = OPTIONAL_FEATURES.filter((name) => adapter.features.has(name) && !without.includes(name));
  const { maxBufferSize } = adapter.limits;
  const maxStorageBufferBindingSize = Math.min(adapter.limits.maxStorageBufferBindingSize, storageBindingBytes);
  const device = await adapter
    .requestDevice({ requiredFeatures: features, requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } })
    .catch((error: unknown) => {
      throw new KelvinError(
        "no-webgpu",
        `The GPU adapter refused a device: ${String(error)}`,
        "Reload the page, or restart the browser.",
      );
    });
  const { info } = adapter;
  const software = isSoftware(info);
  const isFixed = features.includes("subgroups") && info.subgroupMinSize === info.subgroupMaxSize;
  const subgroupLanes = isFixed ? info.subgroupMinSize : 0;
  // Loaded here, so that a visitor without a GPU does not fetch it.
  const { Gpu } = await import("./gpu");
  const gpu = new Gpu(
    device,
    { subgroupLanes, software, features, simd: null, shards: 1 },
    software ? SOFTWARE_COST : HARDWARE_COST,
  );
  return { gpu, info: describe(adapter, software) };
}

function describe(adapter: GPUAdapter, software: boolean): DeviceInfo {
  const { info, limits } = adapter;
  const names = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupStorageSize",
  ] as const;
  return {
    description: info.description || [info.vendor, info.architecture].filter(Boolean).join(" "),
    vendor: info.vendor,
    architecture: info.architecture,
    software,
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(names.map((name) => [name, limits[name]])),
  };
}
