/** Sheets over any view; their code is loaded on first use. */
import { html, nothing, type TemplateResult } from "lit";
import type { Store } from "./store";

export type SheetName = "model" | "device" | "settings";

const LOAD: Readonly<Record<SheetName, () => Promise<unknown>>> = {
  model: () => import("./panels/model-sheet"),
  device: () => import("./panels/device-sheet"),
  settings: () => import("./panels/settings-dialog"),
};

/** Titles of the sheets. */
export const SHEET_TITLES: Readonly<Record<SheetName, string>> = {
  model: "“Model”",
  device: "“Device”",
  settings: "“Settings”",
};

/** Loads a sheet's code. @throws without a network, if it was not loaded before */
export const loadSheet = (name: SheetName): Promise<unknown> => LOAD[name]();

/** The open sheet; its code must be loaded. */
export function renderSheet(name: SheetName | null, store: Store, close: () => void): TemplateResult | typeof nothing {
  if (name === null) return nothing;
  switch (name) {
    case "model":
      return html`<kelvin-model-sheet .store=${store} @closed=${close}></kelvin-model-sheet>`;
    case "device":
      return html`<kelvin-device-sheet .store=${store} @closed=${close}></kelvin-device-sheet>`;
    case "settings":
      return html`<kelvin-settings-dialog .store=${store} @closed=${close}></kelvin-settings-dialog>`;
    default:
      return name satisfies never;
  }
}
