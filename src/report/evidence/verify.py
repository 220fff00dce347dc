#!/usr/bin/env python3
"""Checks this bundle without the program that wrote it: python3 verify.py"""
import hashlib
import json
import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
wrong = []

# 1. The manifest holds every file and no other, byte for byte as it must read.
names = sorted(p.relative_to(here).as_posix() for p in here.rglob("*") if not p.is_dir())
sums = {n: hashlib.sha256((here / n).read_bytes()).hexdigest() for n in names}
listed = "".join(f"{sums[n]}  {n}\n" for n in names if n != "MANIFEST.sha256")
if (here / "MANIFEST.sha256").read_bytes() != listed.encode():
    wrong.append("MANIFEST.sha256 and the files differ")

# 2. Each record's hash covers the record and the hash before it; the first one, the stream's name.
heads = {}
for path in sorted((here / "journal").glob("*.jsonl")):
    before, count = hashlib.sha256(path.stem.encode()).hexdigest(), 0
    for line in path.read_bytes().splitlines():
        record, chain, count = json.loads(line), hashlib.sha256(), count + 1
        for part in (before, str(record["seq"]), record["at"], record["event"]):
            chain.update(len(part.encode()).to_bytes(8, "big") + part.encode())
        before = chain.hexdigest()
        if record["hash"] != before or record["seq"] != count or record["stream"] != path.stem:
            wrong.append(f"{path.name}: record {count} does not follow")
            break
    heads[path.stem] = {"records": count, "head": before}

# 3. The numbers and heads that the bundle names; compare the heads with report and mail.
if heads != json.loads((here / "about.json").read_text("utf-8"))["journal"]:
    wrong.append("about.json and the journal differ")
for stream, chain in heads.items():
    print(f"{stream}: {chain['records']} records, head {chain['head']}")
print("\n".join(wrong) or "everything fits", file=sys.stderr)
sys.exit(1 if wrong else 0)
