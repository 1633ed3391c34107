/** References to methods, fields and types, as texts in the form that Android's tools print. */

/** `Ljava/lang/String;->concat(Ljava/lang/String;)Ljava/lang/String;` */
export interface MethodReference {
  readonly className: string;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly returns: string;
}

/** `Ljava/lang/System;->out:Ljava/io/PrintStream;` */
export interface FieldReference {
  readonly className: string;
  readonly name: string;
  readonly type: string;
}

const TYPE = /\[*(?:[VZBSCIJFD]|L[\w$/]+;)/y;

/** The descriptors that a text is made of. @throws RangeError */
function typesIn(text: string): readonly string[] {
  const types: string[] = [];
  TYPE.lastIndex = 0;
  while (TYPE.lastIndex < text.length) {
    const [type] = TYPE.exec(text) ?? [];
    if (type === undefined) throw new RangeError(`no descriptors: ${text}`);
    types.push(type);
  }
  return types;
}

/** @throws RangeError where the text is no reference to a method */
export function parseMethodReference(text: string): MethodReference {
  const [, className = '', name = '', parameters = '', returns = ''] = /^(\[*L[\w$/]+;)->([\w$<>]+)\((.*)\)(.+)$/.exec(text) ?? [];
  if (className === '') throw new RangeError(`no method: ${text}`);
  if (typesIn(returns).length !== 1) throw new RangeError(`no return type: ${text}`);
  return { className, name, parameters: typesIn(parameters), returns };
}

/** @throws RangeError where the text is no reference to a field */
export function parseFieldReference(text: string): FieldReference {
  const [, className = '', name = '', type = ''] = /^(L[\w$/]+;)->([\w$]+):(.+)$/.exec(text) ?? [];
  if (className === '' || typesIn(type).length !== 1) throw new RangeError(`no field: ${text}`);
  return { className, name, type };
}

/** Registers that a value takes: two for long and double. */
export const wordsOf = (type: string): number => (type === 'V' ? 0 : type === 'J' || type === 'D' ? 2 : 1);

/** The form in which a prototype is abbreviated: one letter a type, `L` for every reference. */
export const shortyOf = ({ returns, parameters }: Pick<MethodReference, 'returns' | 'parameters'>): string =>
  [returns, ...parameters].map((type) => (/^[L[]/.test(type) ? 'L' : type)).join('');

/** The text of a method reference again. */
export const methodText = ({ className, name, parameters, returns }: MethodReference): string =>
  `${className}->${name}(${parameters.join('')})${returns}`;
