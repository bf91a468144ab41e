import type { ReactiveController, ReactiveControllerHost } from "lit";
import { deviceStorage } from "./device-storage";

/** A design token's present value, for canvas drawing. */
export function token(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** The other theme, remembered for this device; the page follows the system until one is chosen. */
export function toggleTheme(): void {
  const root = document.documentElement;
  const dark = getComputedStyle(root).colorScheme === "dark";
  root.dataset["theme"] = dark ? "light" : "dark";
  try {
    deviceStorage()?.setItem("theme", root.dataset["theme"]);
  } catch {
    // A full device: the theme lasts as long as the page.
  }
}

/** The theme chosen on an earlier visit. */
export function restoreTheme(): void {
  const theme = deviceStorage()?.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
}

/** Tells its host when light and dark change places: canvases hold the colours they were drawn with. */
export class ThemeController implements ReactiveController {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");
  private readonly observer = new MutationObserver(() => this.onChange());

  constructor(
    host: ReactiveControllerHost,
    private readonly onChange: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.system.addEventListener("change", this.onChange);
    this.observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }

  hostDisconnected(): void {
    this.system.removeEventListener("change", this.onChange);
    this.observer.disconnect();
  }
}
