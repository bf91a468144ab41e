// The CPU engine's module: a function for every kernel, under the names of file and entry point. The tiles are exported only so
// that no compiler puts their loops into larger functions, where sums would leave their registers.
export * from "./adamw";
export * from "./attention";
export * from "./decode";
export * from "./embedding";
export * from "./head";
export * from "./linear";
export * from "./lora";
export * from "./muon";
export * from "./peak";
export * from "./reduce";
export * from "./rmsnorm";
export * from "./rope";
export * from "./rows";
export * from "./sample";
export * from "./swiglu";
export { dots, dotsOfOne, dotsOfOnePacked, dotsPacked, tile, tileOfOne, tileTransposed } from "./lib/product";
