/** From paths of custody, as events tell them, to what locating starts from. */
import type { CustodyInspection, CustodyPath } from '../../evidence/index.ts';
import type { Custodian, Flow, Handling, Inspection, Phone } from './input.ts';

export interface FlowOptions {
  /** What a phone is called in the flow: an own number, never an identity of it, since the name is printed. */
  readonly nameOf: (path: CustodyPath, index: number) => string;
  /**
   * What an inspection counts as; undefined where it does not. An `inspecting` event is its sender's word: verify the statement that it names before it counts.
   */
  readonly count: (inspection: CustodyInspection, path: CustodyPath) => Omit<Inspection, 'after' | 'at'> | undefined;
}

/** Roles of custody that locating knows under the same name. */
const ROLES: Readonly<Record<string, NonNullable<Custodian['role']>>> = {
  maker: 'maker',
  manufacturer: 'maker',
  distributor: 'distributor',
  wholesaler: 'distributor',
  retailer: 'retailer',
  carrier: 'carrier',
  repairer: 'repairer',
};

/** Makes a flow. Stays that follow each other with one custodian are one handling; gaps stay gaps. */
export function flowOfPaths(paths: readonly CustodyPath[], { nameOf, count }: FlowOptions): Flow {
  const custodians = new Map<string, Custodian>();
  const phones = paths.map((path, index): Phone => {
    for (const { custodian, role, standing } of path.stays) {
      const known = custodians.get(custodian);
      const named = ROLES[(role ?? '').toLowerCase()];
      // Unauthorised once is unauthorised; authorised is only who was so whenever it is known.
      const authorised =
        standing === 'unauthorised' || known?.authorised === false ? false : standing === 'authorised' ? true : known?.authorised;
      const seenAs = known?.role ?? named;
      custodians.set(custodian, {
        id: custodian,
        ...(seenAs === undefined ? {} : { role: seenAs }),
        ...(authorised === undefined ? {} : { authorised }),
      });
    }
    const steps: Handling[] = [];
    /** Handlings that there were when a stay had been added, by the stay. */
    const after: number[] = [];
    const gapAfter = (stay: number) => {
      if (path.gaps.some((gap) => gap.after === stay)) steps.push({ gap: true });
    };
    gapAfter(-1);
    for (const [at, { custodian, from }] of path.stays.entries()) {
      const last = steps.at(-1);
      if (last === undefined || 'gap' in last || last.custodian !== custodian) steps.push({ custodian, from });
      after.push(steps.length);
      gapAfter(at);
    }
    const inspections = path.inspections.flatMap((inspection): readonly Inspection[] => {
      const counted = count(inspection, path);
      // Where an inspection fell into no stay, its time says what came before it.
      const place = after[inspection.stay];
      return counted === undefined ? [] : [{ ...counted, at: inspection.at, ...(place === undefined ? {} : { after: place }) }];
    });
    return { id: nameOf(path, index), path: steps, inspections };
  });
  return { format: 'assay.flow/1', custodians: [...custodians.values()], phones };
}
