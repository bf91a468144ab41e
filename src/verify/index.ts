/** The verification environment as a library: it knows nothing of training. */
export { canonicalLiteral, GOLD_LIMITS } from "./literal";
export { CATALOGUE_LIMITS, TASK_LIMITS } from "./verifier";
