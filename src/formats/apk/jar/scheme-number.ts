/** The numbers of schemes that a signature file says an APK is signed with too (`X-Android-APK-Signed`). */

/** A number as Java's `trim` and `parseInt` take it: what is trimmed is everything up to the space, NUL too, and nothing above it. */
export function schemeNumber(word: string): number | undefined {
  const text = word.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');
  const scheme = /^[+-]?\d{1,64}$/.test(text) ? Number(text) : undefined;
  return scheme !== undefined && scheme === (scheme | 0) ? scheme : undefined;
}
