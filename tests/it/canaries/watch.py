"""Watches a process and everything that it starts, until its standard input ends.

argv: the process's number, a folder for what was seen. Must be able to read other users' /proc.
"""
import json, os, select, sys

root, folder = int(sys.argv[1]), sys.argv[2]
known, seen = {root}, {"argv": set(), "own-environ": set(), "child-environ": set()}
names, cores, looks = set(), set(), 0


def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def family():
    """The process, its descendants, and those of them whose parents have ended."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = read(entry, "stat")
            if stat:
                parents[int(entry)] = int(stat.rsplit(b")", 1)[1].split()[1])
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in known} - known
        known.update(more)
        grown = bool(more)
    return known & parents.keys()


while not select.select([sys.stdin], [], [], 0.002)[0]:
    looks += 1
    for pid in family():
        argv = read(pid, "cmdline")
        seen["argv"].add(argv)
        names.add(os.path.basename(argv.split(b"\0")[0]).decode("utf-8", "replace"))
        # A fork that has not started its program yet still shows its parent's.
        started = pid == root or read(pid, "cmdline") != read(root, "cmdline")
        if started:
            seen["own-environ" if pid == root else "child-environ"].add(read(pid, "environ"))
        for line in read(pid, "limits").splitlines():
            if line.startswith(b"Max core file size"):
                cores.add(line.split()[4].decode() + (" own" if pid == root else " child"))
for name, blobs in seen.items():
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"\n".join(sorted(blobs)))
json.dump({"looks": looks, "programs": sorted(names), "cores": sorted(cores)}, sys.stdout)
