import { expect, it } from "vitest";
import { Turns } from "../../src/ui/turns";

it("tells whoever took a turn whether anybody has taken it since", () => {
  const turns = new Turns();
  const first = turns.take();
  expect([first(), first()]).toEqual([true, true]);
  const second = turns.take();
  expect([first(), second()]).toEqual([false, true]);
});
