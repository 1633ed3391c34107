"""Dumps a payload's partitions as the Python dumpers do (payload_dumper by vm03 is the one they come from): one operation after the other, the data's digest
asserted, liblzma by the standard library, a digest of each partition taken along. The list of operations comes on standard input, so that nothing is spent on
reading the manifest."""

import hashlib
import json
import lzma
import sys

job = json.load(sys.stdin)
with open(job["payload"], "rb") as payload:
    for partition in job["partitions"]:
        whole = hashlib.sha256()
        with open(partition["path"], "wb") as out:
            for operation in partition["operations"]:
                start, size = operation["start"], operation["size"]
                if operation["type"] in ("ZERO", "DISCARD"):
                    data = bytes(size)
                else:
                    payload.seek(operation["at"])
                    data = payload.read(operation["length"])
                    assert hashlib.sha256(data).hexdigest() == operation["sha256"], "operation data hash mismatch"
                    if operation["type"] == "REPLACE_XZ":
                        data = lzma.LZMADecompressor().decompress(data)
                out.seek(start)
                out.write(data)
                whole.update(data)
        print(partition["path"], whole.hexdigest())
