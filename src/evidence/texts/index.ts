/** Which files of a system are texts whose lines are worth showing where they differ, by their names: configuration, scripts, contexts, key layouts, certificates. Properties have a table of their own. */

const TEXT_FILE = /\.(?:xml|rc|conf|cfg|ini|txt|json|cil|sh|kl|kcm|idc|pem|0)$|\/(?:hosts|fstab\.[^/]+|[a-z]+_contexts)$/;

/** Larger ones are lists that nobody reads: hyphenation, dictionaries, time zones. */
export const TEXT_FILE_MAX = 256 << 10;

export const isTextFile = (path: string): boolean => TEXT_FILE.test(path);
