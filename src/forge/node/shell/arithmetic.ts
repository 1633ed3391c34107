/** Integer arithmetic: + - * / % and parentheses, comparisons. */
export function arithmetic(text: string): number {
  const tokens = text.match(/0x[0-9a-fA-F]+|\d+|<=|>=|==|!=|&&|\|\||[-+*/%()<>]/g) ?? [];
  let at = 0;
  const levels: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%']];
  const apply = (operator: string, a: number, b: number): number => {
    switch (operator) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return b === 0 ? 0 : Math.trunc(a / b);
      case '%':
        return b === 0 ? 0 : a % b;
      case '<':
        return Number(a < b);
      case '>':
        return Number(a > b);
      case '<=':
        return Number(a <= b);
      case '>=':
        return Number(a >= b);
      case '==':
        return Number(a === b);
      case '!=':
        return Number(a !== b);
      case '&&':
        return Number(a !== 0 && b !== 0);
      default:
        return Number(a !== 0 || b !== 0);
    }
  };
  const unary = (): number => {
    const token = tokens[at];
    at += 1;
    if (token === '-') return -unary();
    if (token === '+') return unary();
    if (token === '(') {
      const value = level(0);
      at += 1;
      return value;
    }
    return Number(token ?? 0) || 0;
  };
  const level = (depth: number): number => {
    const operators = levels[depth];
    if (operators === undefined) return unary();
    let value = level(depth + 1);
    for (let token = tokens[at]; token !== undefined && operators.includes(token); token = tokens[at]) {
      at += 1;
      value = apply(token, value, level(depth + 1));
    }
    return value;
  };
  return level(0);
}
