import type { BrowserContext, Page } from "playwright-core";

const SLOWER = 3;
const FRAME_MS = 250;
const MESSAGE_MS = 150;

/**
 * Pages of the context as a slow machine has them: a third of the processor, frames drawn late, messages to workers sent
 * late. What a test reads off such a page without waiting for it, it reads too early.
 */
export async function slowDown(context: BrowserContext): Promise<void> {
  context.on("page", (page) => void throttle(context, page));
  await context.addInitScript(
    ([frameMs, messageMs]) => {
      const { requestAnimationFrame } = window;
      window.requestAnimationFrame = (draw) =>
        requestAnimationFrame(() => setTimeout(() => draw(performance.now()), frameMs));
      for (const { prototype } of [Worker, MessagePort]) {
        const { postMessage } = prototype;
        prototype.postMessage = function (this: Worker | MessagePort, ...sent: unknown[]) {
          setTimeout(() => Reflect.apply(postMessage, this, sent), messageMs);
        };
      }
    },
    [FRAME_MS, MESSAGE_MS] as const,
  );
}

async function throttle(context: BrowserContext, page: Page): Promise<void> {
  // A page that is closed at once needs it no more.
  const session = await context.newCDPSession(page).catch(() => null);
  await session?.send("Emulation.setCPUThrottlingRate", { rate: SLOWER }).catch(() => {});
}
