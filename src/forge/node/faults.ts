/** What a phone does wrong on purpose, for tests of those who read from it. */
export interface Fault {
  /** Which services it strikes: `shell,v2,raw:getprop`, `sync:RECV /system/build.prop`. */
  readonly when: (service: string) => boolean;
  /**
   * `hang`: opens and never answers. `flood`: answers without end. `die`: the cable breaks after `afterBytes`.
   * `lie`: announces more bytes than follow. `disconnect`: the cable breaks at once. `refuse`: the service is refused.
   */
  readonly kind: 'hang' | 'flood' | 'die' | 'lie' | 'disconnect' | 'refuse';
  /** For `die`: bytes of output that still come; default 0. */
  readonly afterBytes?: number;
  /** How often it strikes; always where absent. */
  readonly times?: number;
}

/** Counts faults down as they strike. */
export function faultBox(faults: readonly Fault[]): (service: string) => Fault | undefined {
  const left = faults.map((fault) => fault.times ?? Number.POSITIVE_INFINITY);
  return (service) => {
    const i = faults.findIndex((fault, at) => (left[at] ?? 0) > 0 && fault.when(service));
    if (i < 0) return undefined;
    left[i] = (left[i] ?? 0) - 1;
    return faults[i];
  };
}
