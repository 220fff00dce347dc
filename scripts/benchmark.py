"""The end-to-end benchmark behind scripts/benchmark; see docs/performance.md.

Every measure stands beside PostgreSQL's own way of doing the same, in the same run: rounds of
"theirs, ours", the best of each counts. Wall time, processor time, resident memory and sizes.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MIB = 1 << 20


class Measure:
    """The best of several runs of one command."""

    def __init__(self):
        self.wall = float("inf")
        self.cpu = 0.0
        self.rss = 0
        self.size = None

    def take(self, wall, cpu, rss, size):
        self.rss = max(self.rss, rss)
        self.size = size
        if wall < self.wall:
            self.wall, self.cpu = wall, cpu


def run(argv, stdin=None, stdout=subprocess.DEVNULL, ok=(0,)):
    """Runs a command; gives wall seconds, processor seconds and peak resident bytes of it alone."""
    began = time.monotonic()
    child = subprocess.Popen(argv, stdin=stdin or subprocess.DEVNULL, stdout=stdout)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in ok:
        sys.exit(f"failed with {child.returncode}: {' '.join(map(str, argv))}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


class Bench:
    def __init__(self, args, folder):
        self.program = os.path.abspath(args.program)
        self.folder = folder
        self.runs = args.runs
        self.rows = []
        self.measures = {}
        text = open(os.path.join(folder, "world", "clinic.yaml"), encoding="utf-8").read()
        source = text[text.index("\nsource:"):]
        value = lambda name: re.search(rf"\n +{name}: *\"?([^\"\n]+)", source).group(1).strip()
        self.socket, self.port = value("socket_dir"), value("port")
        self.bin = value("program_dir")

    def path(self, name):
        return os.path.join(self.folder, "bench", name)

    def as_orca(self, tool, *args):
        return ["sudo", "-n", "-u", "orca", "--", f"{self.bin}/{tool}", "-h", self.socket,
                "-p", self.port, *args]

    def ours(self, *args):
        return [self.program, *args]

    # --- what is measured -------------------------------------------------------------------

    def pg_dump_utf8(self, database="orca", extra=("-E", "UTF8"), name="theirs.dump"):
        """pg_dump writes the file itself, as the manual has it."""
        with open(self.path(name), "wb") as out:
            result = run(self.as_orca("pg_dump", "-Fc", *extra, database), stdout=out)
        return (*result, os.path.getsize(self.path(name)))

    def dump_ours(self, level, name):
        dump = subprocess.Popen(self.as_orca("pg_dump", "-Fc", "-Z0", "orca"),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        result = run(self.ours("archive", "convert", "-", self.path(name), "--level", str(level),
                               "--mapping", os.path.join(self.folder, "world", "characters.yaml")),
                     stdin=dump.stdout)
        dump.stdout.close()
        if dump.wait() != 0:
            sys.exit("pg_dump failed")
        return (*result, os.path.getsize(self.path(name)))

    def bare(self):
        return (*run(self.as_orca("pg_dump", "-Fc", "-Z0", "orca")), None)

    def manual(self):
        """A UTF-8 database beside the old one, filled through a pipe, then dumped."""
        run(self.as_orca("psql", "-qc", "DROP DATABASE IF EXISTS bench_utf8", "postgres"))
        began = time.monotonic()
        run(self.as_orca("psql", "-qc", "CREATE DATABASE bench_utf8 TEMPLATE template0 "
                         "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'", "postgres"))
        dump = subprocess.Popen(self.as_orca("pg_dump", "-E", "UTF8", "orca"),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        # `public` belongs to somebody else in the new database; the rest must go through.
        fill = run(self.as_orca("psql", "-q", "bench_utf8"), stdin=dump.stdout)
        dump.stdout.close()
        if dump.wait() != 0:
            sys.exit("pg_dump failed")
        last = self.pg_dump_utf8("bench_utf8", extra=(), name="manual.dump")
        wall = time.monotonic() - began
        run(self.as_orca("psql", "-qc", "DROP DATABASE bench_utf8", "postgres"))
        return wall, fill[1] + last[1], max(fill[2], last[2]), last[3]

    def copies(self):
        """The same COPYs as a dump, one after the other, to /dev/null."""
        tables = subprocess.run(
            self.as_orca("psql", "-AtXc", "SELECT format('COPY %I.%I TO STDOUT;', schemaname, "
                         "tablename) FROM pg_tables WHERE schemaname NOT IN "
                         "('pg_catalog', 'information_schema') ORDER BY 1", "orca"),
            check=True, capture_output=True).stdout
        script = self.path("copies.sql")
        with open(script, "wb") as out:
            out.write(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n" + tables)
        os.chmod(script, 0o644)
        with open(script, "rb") as text:
            return (*run(self.as_orca("psql", "-qX", "orca"), stdin=text), None)

    def scan(self):
        clinic = os.path.join(self.folder, "world", "clinic.yaml")
        return (*run(self.ours("scan", "--clinic", clinic, "--json"), ok=(0, 1)), None)

    def restore(self, *names):
        walls = [run([f"{self.bin}/pg_restore", "-f", "/dev/null", self.path(name)])
                 for name in names]
        return sum(w[0] for w in walls), sum(w[1] for w in walls), max(w[2] for w in walls), None

    def verify(self, name):
        return (*run(self.ours("archive", "verify", self.path(name), "--json")), None)

    def compare(self, first, second):
        result = run(self.ours("archive", "compare", self.path(first), self.path(second), "--json"))
        return (*result, None)

    # --- rounds and the table -----------------------------------------------------------------

    def together(self, measures, runs=None):
        """Runs the measures in turn, `runs` times, so that a disturbance meets all of them."""
        for _ in range(runs or self.runs):
            for name, work in measures:
                print(f"  {name} …", file=sys.stderr, flush=True)
                self.measures.setdefault(name, Measure()).take(*work())

    def row(self, what, ours, theirs, goal, size_of=None):
        mine, other = self.measures[ours], self.measures[theirs]
        ratio = mine.wall / other.wall
        size = ""
        if mine.size:
            size = f"{mine.size / 1e6:.0f} MB"
            base = self.measures[size_of or theirs]
            if base.size:
                size += f", {mine.size / base.size:.3f} x"
        self.rows.append((what, f"{other.wall:.1f} s", f"{mine.wall:.1f} s",
                          f"{ratio:.3f} = 1/{1 / ratio:.2f}", goal, size,
                          f"{mine.cpu:.1f} s", f"{mine.rss / MIB:.0f} MiB"))

    def table(self):
        head = ("what", "PostgreSQL", "orca-cutover", "ratio", "goal", "size, of theirs",
                "processor", "resident")
        print("| " + " | ".join(head) + " |")
        print("|" + "---|" * len(head))
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


def measure(bench, only):
    wanted = lambda name: not only or name in only
    os.makedirs(bench.path(""), exist_ok=True)
    theirs, bare = "pg_dump -Fc -E UTF8", "pg_dump -Fc -Z0 >/dev/null"
    if wanted("dump"):
        bench.together([
            (theirs, bench.pg_dump_utf8),
            ("level 6", lambda: bench.dump_ours(6, "ours6.dump")),
            ("level 1", lambda: bench.dump_ours(1, "ours1.dump")),
            (bare, bench.bare),
        ])
        bench.row("dump, convert, compress, hash (level 6)", "level 6", theirs, "1/2.7")
        bench.row("the same, level 1", "level 1", theirs, "1/4.2")
        bench.row("level 1 against the bare dump", "level 1", bare, "1.15", theirs)
    if wanted("manual"):
        bench.together([("manual", bench.manual),
                        ("level 6", lambda: bench.dump_ours(6, "ours6.dump")),
                        ("level 1", lambda: bench.dump_ours(1, "ours1.dump"))],
                       runs=max(1, bench.runs // 2))
        bench.row("the whole manual recipe, level 6", "level 6", "manual", "1/4.5")
        bench.row("the whole manual recipe, level 1", "level 1", "manual", "1/7")
    if wanted("scan"):
        bench.together([("copies", bench.copies), ("scan", bench.scan)])
        bench.row("scan of a live database", "scan", "copies", "1.15")
    if wanted("verify"):
        if not os.path.exists(bench.path("ours6.dump")):
            bench.dump_ours(6, "ours6.dump")
        bench.together([("restore", lambda: bench.restore("ours6.dump")),
                        ("verify", lambda: bench.verify("ours6.dump"))])
        bench.row("verify", "verify", "restore", "1/2")
    if wanted("compare"):
        for level in (6, 1):
            if not os.path.exists(bench.path(f"ours{level}.dump")):
                bench.dump_ours(level, f"ours{level}.dump")
        bench.together([("restore both", lambda: bench.restore("ours6.dump", "ours1.dump")),
                        ("compare", lambda: bench.compare("ours6.dump", "ours1.dump"))])
        bench.row("compare", "compare", "restore both", "1")


def world(args, folder):
    """The synthetic clinic on a server of its own; gives the process that holds it."""
    talk = open(os.path.join(folder, "world.log"), "wb")
    child = subprocess.Popen(
        [args.program, "rehearse", "--world-only", "--size", str(args.size), "--dir", os.path.join(folder, "world")],
        stdin=subprocess.DEVNULL, stdout=talk, stderr=talk)
    log = os.path.join(folder, "world.log")
    while "orca-cutover run" not in open(log, encoding="utf-8", errors="replace").read():
        if child.poll() is not None:
            sys.exit(open(log, encoding="utf-8", errors="replace").read())
        time.sleep(0.5)
    return child


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--size", type=int, default=1_560_000_000, help="bytes of table data")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the best of each counts")
    parser.add_argument("--dir", help="scratch folder, left where it is")
    parser.add_argument("--only", default="", help="dump,manual,scan,verify,compare")
    args = parser.parse_args()
    folder = args.dir or tempfile.mkdtemp(prefix="orca-bench-", dir="/tmp")
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o755)
    child = world(args, folder)
    try:
        bench = Bench(args, folder)
        measure(bench, [name for name in args.only.split(",") if name])
        bench.table()
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait()
        if not args.dir:
            shutil.rmtree(folder, ignore_errors=True)


main()
