/** The sum, or undefined where it leaves the safe integers: for sizes and offsets from hostile bytes. */
export function safeAdd(a: number, b: number): number | undefined {
  const sum = a + b;
  return Number.isSafeInteger(sum) ? sum : undefined;
}

/** The product, or undefined where it leaves the safe integers. */
export function safeMultiply(a: number, b: number): number | undefined {
  const product = a * b;
  return Number.isSafeInteger(product) ? product : undefined;
}

/** The next multiple of `step` (a positive integer) at or above `value`. */
export function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
