/** A question that is not answered as it was asked. `parameter`: it has one that is not read, or no value; `too-complex`: it reads too much; `too-large`: it has more answers than were asked for. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly kind: 'parameter' | 'too-complex' | 'too-large';
  constructor(kind: QueryError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
