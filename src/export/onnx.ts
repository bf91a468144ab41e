import { KelvinError } from "../contracts";
import { Message } from "./protobuf";

/** Element types of the format that we write; the numbers are `TensorProto.DataType`. */
const ELEMENT = { float32: 1, int64: 7 } as const;
export type ElementType = keyof typeof ELEMENT;

/** A dimension: its size, or a name for one that is known at run time only. */
export type Dimension = number | string;

/** Operator set 17 and its file version: read by every ONNX Runtime since 1.12 and by every importer of today. */
const OPERATOR_SET = 17;
const FILE_VERSION = 8;
/** Protocol buffers end here. */
const MOST_BYTES = 2 ** 31 - 1;

/** Integers or lists of them: all that our operators take. */
export type Attributes = { readonly [name: string]: number | readonly number[] };

/** The name of a value that flows through the graph. */
export type Value = string;

/** Builds one ONNX graph: values are names, every operator adds a node and returns the names it writes. */
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

  /** A float32 tensor stored in the file, by reference; storing a name again is a mistake. */
  weight(name: string, shape: readonly number[], data: Float32Array): Value {
    if (this.constants.has(name)) throw new Error(`the tensor ${name} is stored twice`);
    this.constants.set(name, tensor(name, "float32", shape, bytesOf(data)));
    return name;
  }

  /** A scalar; the same number is stored once. */
  scalar(value: number): Value {
    return this.constant(`scalar ${value}`, "float32", [], Float32Array.of(value));
  }

  /** A vector of int64, e.g. a shape; the same numbers are stored once. */
  integers(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant(`integers ${values.join(" ")}`, "int64", [values.length], data);
  }

  /** An int64 scalar, for operators that do not take a vector of one. */
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
   * The file, in pieces. The same graph gives the same bytes.
   * @throws KelvinError "model" beyond two gigabytes, which the format cannot hold in one file
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

/** The numbers' own memory: little-endian, as the format wants it and every platform with WebGPU has it. */
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
