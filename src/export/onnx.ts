import { KelvinError } from "../contracts";
import { Message } from "./protobuf";

/** Element types that we write; the numbers are `TensorProto.DataType`. */
const ELEMENT = { float32: 1, int64: 7 } as const;
export type ElementType = keyof typeof ELEMENT;

/** A size, or a name for a size known only at run time. */
export type Dimension = number | string;

/** Operator set 17 and its file version, which every ONNX Runtime since 1.12 reads. */
const OPERATOR_SET = 17;
const FILE_VERSION = 8;
/** Largest protocol-buffers message. */
const MOST_BYTES = 2 ** 31 - 1;

/** Integers and lists of integers, the only attributes our operators need. */
export type Attributes = { readonly [name: string]: number | readonly number[] };

/** Name of a value in the graph. */
export type Value = string;

/** Builds one ONNX graph. Values are names; every operator adds a node and returns the names of its outputs. */
export class Graph {
  private readonly nodes: Message[] = [];
  private readonly inputs: Message[] = [];
  private readonly outputs: Message[] = [];
  private readonly constants = new Map<string, Message>();

  constructor(private readonly name: string) {}

  input(name: string, type: ElementType, dimensions: readonly Dimension[]): Value {
    this.inputs.push(valueInfo(name, type, dimensions));
    return name;
  }

  /** Makes `value` an output called `name`. */
  output(name: string, value: Value, dimensions: readonly Dimension[]): void {
    this.nodes.push(nodeOf("Identity", [value], [name], {}));
    this.outputs.push(valueInfo(name, "float32", dimensions));
  }

  /** Adds a float32 tensor by reference. @throws if the name exists */
  weight(name: string, shape: readonly number[], data: Float32Array): Value {
    if (this.constants.has(name)) throw new Error(`the tensor ${name} is stored twice`);
    this.constants.set(name, tensor(name, "float32", shape, bytesOf(data)));
    return name;
  }

  /** A scalar; equal numbers are stored once. */
  scalar(value: number): Value {
    return this.constant(`scalar ${value}`, "float32", [], Float32Array.of(value));
  }

  /** A vector of int64, for example a shape; equal vectors are stored once. */
  integers(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant(`integers ${values.join(" ")}`, "int64", [values.length], data);
  }

  /** An int64 scalar, for operators that do not accept a vector of one. */
  integer(value: number): Value {
    return this.constant(`integer ${value}`, "int64", [], BigInt64Array.of(BigInt(value)));
  }

  /** An operator with one output. */
  op(type: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.ops(type, 1, inputs, attributes)[0] as Value;
  }

  /** An operator with `count` outputs. */
  ops(type: string, count: number, inputs: readonly Value[], attributes: Attributes = {}): Value[] {
    const outputs = Array.from({ length: count }, (_, i) => `${type} ${this.nodes.length}${i > 0 ? ` ${i}` : ""}`);
    this.nodes.push(nodeOf(type, inputs, outputs, attributes));
    return outputs;
  }

  /**
   * Encodes the file in pieces. Equal graphs give equal bytes.
   * @throws KelvinError "model" beyond two gigabytes, the format's limit for one file
   */
  encode(): readonly Uint8Array[] {
    const graph = new Message()
      .message(1, this.nodes)
      .text(2, this.name)
      .message(5, [...this.constants.values()])
      .message(11, this.inputs)
      .message(12, this.outputs);
    const file = new Message()
      .integer(1, FILE_VERSION)
      .text(2, "kelvin")
      .message(7, graph)
      .message(8, new Message().text(1, "").integer(2, OPERATOR_SET));
    if (file.length <= MOST_BYTES) return file.parts;
    throw new KelvinError(
      "model",
      `the model takes ${file.length} bytes and an ONNX file holds ${MOST_BYTES}`,
      "Export it as safetensors.",
    );
  }

  private constant(name: string, type: ElementType, shape: readonly number[], data: ArrayBufferView): Value {
    if (!this.constants.has(name)) this.constants.set(name, tensor(name, type, shape, bytesOf(data)));
    return name;
  }
}

/** The numbers' memory itself: the format is little-endian, like every platform with WebGPU. */
function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** TensorProto */
function tensor(name: string, type: ElementType, shape: readonly number[], data: Uint8Array): Message {
  return new Message().integer(1, shape).integer(2, ELEMENT[type]).text(8, name).bytes(9, data);
}

/** NodeProto */
function nodeOf(type: string, inputs: readonly Value[], outputs: readonly Value[], attributes: Attributes): Message {
  const list = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return new Message().text(1, inputs).text(2, outputs).text(3, `node ${outputs[0]}`).text(4, type).message(5, list);
}

/** AttributeProto: type 2 is INT, 7 is INTS. */
function attribute(name: string, value: number | readonly number[]): Message {
  const message = new Message().text(1, name);
  return typeof value === "number"
    ? message.integer(3, value).integer(20, 2)
    : message.integer(8, value).integer(20, 7);
}

/** ValueInfoProto with a TypeProto.Tensor */
function valueInfo(name: string, type: ElementType, dimensions: readonly Dimension[]): Message {
  const shape = new Message().message(
    1,
    dimensions.map((size) => (typeof size === "number" ? new Message().integer(1, size) : new Message().text(2, size))),
  );
  const tensorType = new Message().integer(1, ELEMENT[type]).message(2, shape);
  return new Message().text(1, name).message(2, new Message().message(1, tensorType));
}
