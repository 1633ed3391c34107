/** Extended attributes of a source tree, set and read by Python, which is where mkfs tools are; Node has no call for them. */
import { spawnSync } from 'node:child_process';

const SET = `
import json, os, sys
for path, name, value in json.load(sys.stdin):
    os.setxattr(os.fsencode(path), name, bytes.fromhex(value), follow_symlinks=False)
`;
const GET = `
import json, os, sys
found = {}
def text(path):
    try:
        return path.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(b) if b < 0x80 else "\\\\x%02x" % b for b in path)
root = os.fsencode(sys.argv[1])
for folder, folders, files in os.walk(root):
    for name in folders + files:
        path = os.path.join(folder, name)
        try:
            names = os.listxattr(path, follow_symlinks=False)
            found["/".join(text(part) for part in path[len(root):].split(b"/"))] = {n: os.getxattr(path, n, follow_symlinks=False).hex() for n in names}
        except OSError as error:
            found["/".join(text(part) for part in path[len(root):].split(b"/"))] = {"error": str(error)}
json.dump(found, sys.stdout)
`;

export type TreeXattrs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Sets attributes: path, name, value in hex. False where the machine lets nobody do so. */
export function setXattrs(rows: readonly (readonly [path: string, name: string, value: string])[]): boolean {
  return spawnSync('python3', ['-c', SET], { input: JSON.stringify(rows) }).status === 0;
}

/** Every attribute of every entry below a folder, by path from it; undefined without Python. */
export function xattrsIn(folder: string): TreeXattrs | undefined {
  const { status, stdout } = spawnSync('python3', ['-c', GET, folder], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return status === 0 ? (JSON.parse(stdout) as TreeXattrs) : undefined;
}
