import type { ReactiveController, ReactiveControllerHost } from "lit";
import { deviceStorage, keepOnDevice } from "./device-storage";

/** The current value of a design token, for drawing on a canvas. */
export function token(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** Switches the theme and stores the choice on this device; until then the page follows the system. */
export function toggleTheme(): void {
  const root = document.documentElement;
  const dark = getComputedStyle(root).colorScheme === "dark";
  root.dataset["theme"] = dark ? "light" : "dark";
  keepOnDevice("theme", root.dataset["theme"]);
}

/** Applies the theme of an earlier visit. */
export function restoreTheme(): void {
  const theme = deviceStorage()?.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
}

/** Tells its host when light and dark change places, or a font has come: canvases hold what they were drawn with. */
export class ThemeController implements ReactiveController {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");
  private readonly observer = new MutationObserver(() => this.onChange());

  constructor(
    host: ReactiveControllerHost,
    private readonly onChange: () => void,
  ) {
    host.addController(this);
  }

  /** The page's own; those of formulas are not drawn on canvases. */
  private readonly onFonts = ({ fontfaces }: FontFaceSetLoadEvent): void => {
    if (fontfaces.some(({ family }) => family.includes("Kelvin"))) this.onChange();
  };

  hostConnected(): void {
    this.system.addEventListener("change", this.onChange);
    document.fonts.addEventListener("loadingdone", this.onFonts);
    this.observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }

  hostDisconnected(): void {
    this.system.removeEventListener("change", this.onChange);
    document.fonts.removeEventListener("loadingdone", this.onFonts);
    this.observer.disconnect();
  }
}
