import { afterAll, expect } from "vitest";
import { openDevice } from "../../src/gpu/device";
import { type Gpu, type View, view } from "../../src/gpu/gpu";
import { openNodeGpu } from "../../src/gpu/node-adapter";

/** Written behind and, where a kernel must overwrite, into every tensor; a kernel that strays or skips is seen. */
const SENTINEL = -77777;
const GUARD_FLOATS = 64;

/** A tensor on the device: rows of `columns` numbers, each padded with zeros to whole vec4, and a guard behind them. */
export interface DeviceTensor extends View {
  readonly rows: number;
  readonly columns: number;
}

/** The device of one test file, with the adapter's name for the headings. */
export interface TestDevice {
  readonly gpu: Gpu;
  readonly name: string;
  /** Uploads rows of `columns` numbers. */
  tensor(data: ArrayLike<number>, columns: number): DeviceTensor;
  /** Room for a kernel's result; what the kernel leaves unwritten reads as an error. */
  result(rows: number, columns: number): DeviceTensor;
  /** Unsigned integers, without padding. */
  indices(data: ArrayLike<number>): View;
  /** The numbers without padding; fails where padding is not zero or the guard was overwritten. */
  read(tensor: DeviceTensor): Promise<Float32Array>;
  readIndices(source: View): Promise<Uint32Array>;
}

/** Opens the adapter that KELVIN_ADAPTER names, once per test file. */
export async function openTestDevice(): Promise<TestDevice> {
  const { adapter, name } = await openNodeGpu();
  const { gpu } = await openDevice(adapter);
  afterAll(() => {
    gpu.check();
    gpu.device.destroy();
  });
  const upload = (data: Float32Array<ArrayBuffer>, rows: number, columns: number): DeviceTensor => {
    const buffer = gpu.storage("test tensor", data.length);
    gpu.write(buffer, data);
    return { ...view(buffer), rows, columns };
  };
  return {
    gpu,
    name,
    tensor: (data, columns) => upload(padded(data, columns), data.length / columns, columns),
    result: (rows, columns) => upload(unwritten(rows, columns), rows, columns),
    indices(data) {
      const buffer = gpu.storage("test indices", data.length);
      gpu.write(buffer, Uint32Array.from(data));
      return view(buffer);
    },
    read: async (tensor) => unpadded(await gpu.readFloats(tensor), tensor),
    readIndices: async (source) => new Uint32Array(await gpu.read(source)),
  };
}

export function padTo4(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

function padded(data: ArrayLike<number>, columns: number): Float32Array<ArrayBuffer> {
  const rows = data.length / columns;
  expect(rows, "whole rows").toBe(Math.floor(rows));
  const width = padTo4(columns);
  const floats = new Float32Array(rows * width + GUARD_FLOATS).fill(SENTINEL, rows * width);
  for (let i = 0; i < data.length; i++) floats[Math.floor(i / columns) * width + (i % columns)] = data[i]!;
  return floats;
}

function unwritten(rows: number, columns: number): Float32Array<ArrayBuffer> {
  return new Float32Array(rows * padTo4(columns) + GUARD_FLOATS).fill(SENTINEL);
}

function unpadded(floats: Float32Array, { rows, columns }: DeviceTensor): Float32Array {
  const width = padTo4(columns);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    values.set(floats.subarray(row * width, row * width + columns), row * columns);
    const padding = floats.subarray(row * width + columns, (row + 1) * width);
    expect(
      padding.every((value) => value === 0),
      `padding of row ${row}: ${padding}`,
    ).toBe(true);
  }
  const guard = floats.subarray(rows * width, rows * width + GUARD_FLOATS);
  expect(
    guard.every((value) => value === SENTINEL),
    "written past the last row",
  ).toBe(true);
  return values;
}
