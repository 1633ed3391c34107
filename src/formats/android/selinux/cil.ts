/**
 * Permissive domains in a policy's source, the Common Intermediate Language that init compiles where the compiled policy does not fit. Source: SELinuxProject/selinux secilc/docs/cil_type_statements.md.
 * Reads `(typepermissive NAME)` and nothing else; a comment goes from `;` to the end of its line.
 */
const STATEMENT = /\(\s{0,100}typepermissive\s{1,100}([A-Za-z0-9_.-]{1,200})\s{0,100}\)/g;
const COMMENT = /;[^\n]*/g;
const NAMES_MAX = 1000;

/** Names of the types that the text makes permissive, each once. */
export function cilPermissive(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [, name = ''] of text.replaceAll(COMMENT, '').matchAll(STATEMENT)) if (found.size < NAMES_MAX) found.add(name);
  return [...found];
}
