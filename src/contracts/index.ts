export * from "./commands";
export * from "./data";
export * from "./events";
export * from "./lora";
export * from "./method";
export * from "./policy";
export * from "./questions";
export * from "./verifier";
