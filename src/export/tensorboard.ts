/** A run's curves as a file of TensorBoard events: records that each hold one `Event` message. */
import type { TrainEvent } from "../contracts";
import { crc32c } from "./crc32c";
import { type CurveRow, curvesOf } from "./curves";
import { Message } from "./protobuf";

/** Fields of tensorboard/compat/proto/event.proto and summary.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;

/** TensorBoard reads files whose name has `tfevents` in it. */
export const TENSORBOARD_ENDING = ".tfevents";

/**
 * Pieces of the file. Wall times are seconds since the run began, because a log holds no date.
 * @throws KelvinError "input" for a log without run.start
 */
export function writeTensorboard(events: readonly TrainEvent[]): Uint8Array[] {
  const version = new Message().double(EVENT.wallTime, 0).text(EVENT.fileVersion, "brain.Event:2");
  return [version, ...curvesOf(events).map(eventOf)].flatMap(record);
}

function eventOf({ step, seconds, values }: CurveRow): Message {
  const measured = Object.entries(values).map(([name, value]) =>
    new Message().text(VALUE.tag, name).float(VALUE.simpleValue, value),
  );
  return new Message()
    .double(EVENT.wallTime, seconds)
    .integer(EVENT.step, step)
    .message(EVENT.summary, new Message().message(SUMMARY.value, measured));
}

/** A TFRecord: length, its masked sum, the message, its masked sum; little-endian. */
function record(message: Message): Uint8Array[] {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(message.length), true);
  return [length, masked([length]), ...message.parts, masked(message.parts)];
}

/** A sum of bytes that hold sums is weak, so the format rotates it and adds a constant. */
function masked(parts: readonly Uint8Array[]): Uint8Array {
  const sum = crc32c(parts);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, ((sum >>> 15) | (sum << 17)) + 0xa282ead8, true);
  return bytes;
}
