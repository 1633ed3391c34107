/** The words of custody. The path itself is evidence's, because checks read it and stand to the left of this room. */
export type {
  CustodyFault,
  CustodyFaultCode,
  CustodyGap,
  CustodyIdentity,
  CustodyInspection,
  CustodyPath,
  CustodyStay,
  CustodySubject,
  IdentityKind,
  StayStanding,
} from '../../evidence/index.ts';

/** The three answers of a report. */
export interface Verdicts {
  readonly hardware: string;
  readonly software: string;
  readonly custody: string;
}
