/** The models that ship with the page: folders below `models/`. The first is the model of every run that names none. */
export const SHIPPED_MODELS = ["kelvin-nano", "kelvin-nano-2", "kelvin-nano-integrals", "kelvin-nano-judge"] as const;
export type ShippedModel = (typeof SHIPPED_MODELS)[number];
