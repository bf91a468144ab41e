/** The side of a helper: a device of its own, and tasks for it, one after another. */
import type { Device } from "../device/device";
import type { Channel } from "../device/helpers";
import { Cpu } from "./cpu";
import { Lease } from "./lease";
import { type FromHelper, packed, type ToHelper } from "./messages";

/** An answer, and the buffers in it that move to the owner. */
export interface Answer {
  readonly answer: unknown;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Does one task; `tell` sends a part of the answer. */
export type Doer = (name: string, asks: unknown, tell: (part: unknown) => void) => Promise<Answer>;

/** Ends a task whose answer is no longer wanted. */
class Cancelled extends Error {}

/**
 * Serves the owner at the other end of the channel.
 * @param doer given the device, does the tasks
 */
export function help(channel: Channel, doer: (device: Device) => Doer): void {
  const post = (message: FromHelper, transfer?: readonly ArrayBuffer[]) => channel.post(message, transfer);
  const lease = new Lease();
  const cancelled = new Set<number>();
  let current = -1;
  let work: Doer | null = null;
  let last: Promise<void> = Promise.resolve();

  const open = async ({ simd, mostBytes, module }: Extract<ToHelper, { type: "open" }>): Promise<void> => {
    try {
      const device = await Cpu.open({ simd, mostBytes, module });
      device.gate = async () => {
        await lease.hold(() => cancelled.has(current));
        if (cancelled.has(current)) throw new Cancelled();
      };
      work = doer(device);
      post({ type: "ready" });
    } catch (error) {
      post({ type: "unable", failure: packed(error) });
    }
  };

  const perform = async ({ id, name, asks }: Extract<ToHelper, { type: "give" }>): Promise<void> => {
    current = id;
    try {
      if (!work) throw new Error("a task for a helper that is not open");
      const tell = (part: unknown) => post({ type: "part", id, part });
      const { answer, transfer } = cancelled.has(id) ? { answer: null } : await work(name, asks, tell);
      post({ type: "answer", id, answer }, transfer);
    } catch (error) {
      if (error instanceof Cancelled) post({ type: "answer", id, answer: null });
      else post({ type: "failed", id, failure: packed(error) });
    }
    cancelled.delete(id);
  };

  const hear = (message: ToHelper): void => {
    switch (message.type) {
      case "open":
        last = open(message);
        return;
      case "give":
        lease.renew();
        last = last.then(() => perform(message));
        return;
      case "cancel":
        cancelled.add(message.id);
        lease.wake();
        return;
      case "beat":
        lease.renew();
        return;
      default:
        message satisfies never;
    }
  };
  channel.listen(
    (message) => hear(message as ToHelper),
    () => channel.close(),
  );
}
