#!/usr/bin/env python3
"""Runs what measures the figures R1-R16 and prints what it said as a table.

A test or script says a figure as one line: `figure: R7 | what | value | command`.
"""
import os
import re
import subprocess
import sys
import time

# What each figure asks for, and what measures it: filters of the test runner, and scripts.
FIGURES = {
    "R1": ("SIGKILL at every point of every step kind: no violation",
           ["binary(it) & test(/^faults::/) & !test(/random/)"]),
    "R2": ("SIGKILL at random times: nothing doubled, nothing lost",
           ["test(/journal_kills|faults::random|a_connection_cut_anywhere/)"]),
    "R3": ("simulation: no violation, at least 30 kinds of fault", ["test(sim::whatever_fails)"]),
    "R4": ("every write call refused in every way", ["test(/^disk::(every_write|patients|small_disk)/)"]),
    "R5": ("power loss after every operation", ["test(/^disk::power/)"]),
    "R6": ("mutated pages: no wrong action", ["test(portal::mutation_tests)"]),
    "R7": ("dump damage: all found before the upload", ["test(archive::damage_count_tests)"]),
    "R8": ("proof: all changes found, no false alarm", ["test(archive::proof_count_tests)"]),
    "R9": ("time rules: all right", ["test(/^time_rules::/)"]),
    "R10": ("fuzzing: no panic, no hang", ["test(fuzz_replay)", ("scripts/fuzz", "summary")]),
    "R11": ("canaries: no hit", ["test(/^canaries::/)"]),
    "R12": ("mail: none lost, none hidden", ["test(mail_figures)"]),
    "R13": ("coverage and surviving mutants", [("scripts/mutants",), ("scripts/coverage",)]),
    "R14": ("resume to the right decision within 2 s", ["test(/^faults::dies_at_every_point/)"]),
    "R15": ("a large dump in little memory", ["test(/size_tests|an_import_log_of_a_gigabyte/)",
                                             ("scripts/large-archive",)]),
    "R16": ("every guard's test fails without it; no change goes unseen", [
        "test(/every_bit_of_an_approval|a_plan_file_in_which|cut_at_any_mebibyte/)"
        " + test(/reworded_completions|every_change_of_the_journal_is_found/)"
        " + test(/^report::evidence::/)",
        ("scripts/guards",),
    ]),
}
LINE = re.compile(r"^\s*figure: (R\d+) \| (.*?) \| (.*?) \| (.*?)\s*$", re.M)


def command_of(measure):
    full = os.environ.get("ORCA_FIGURES") == "full"
    if measure == ("scripts/large-archive",):
        subprocess.run(["cargo", "build", "--release", "--locked"], check=True)
        return [*measure] if full else [*measure, "--size", str(256 << 20)]
    if isinstance(measure, tuple):
        return [*measure]
    # What takes hours is worth a build of its own.
    sized = ["--cargo-profile", "release", "--profile", "full"] if full else []
    return ["cargo", "nextest", "run", "--locked", "--success-output", "final",
            "--no-fail-fast", *sized, "-E", measure]


def measured(figure):
    """The lines that the figure's tests and scripts said, whether all passed, and the seconds."""
    begun, said, passed = time.monotonic(), [], True
    for measure in FIGURES[figure][1]:
        done = subprocess.run(command_of(measure), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace")
        said += [found for found in LINE.findall(done.stdout) if found[0] == figure]
        if done.returncode != 0:
            passed = False
            sys.stderr.write(done.stdout[-4000:])
    # The output of a test that failed is shown more than once.
    return list(dict.fromkeys(said)), passed, time.monotonic() - begun


def main():
    full = os.environ.get("ORCA_FIGURES") == "full"
    wanted = sys.argv[1:] or list(FIGURES)
    for unknown in [name for name in wanted if name not in FIGURES]:
        sys.exit(f"{unknown}: no such figure; there are R1 to R16")
    print(f"size: {'full' if full else 'of the tests'}")
    print("| figure | goal | measured | value | took | command |")
    print("|---|---|---|---|---|---|")
    wrong = []
    for name in wanted:
        said, passed, seconds = measured(name)
        if not passed or not said:
            wrong.append(name)
        prefix = "ORCA_FIGURES=full " if full else ""
        for _, what, value, command in said or [(name, "nothing was measured", "-", "-")]:
            print(f"| {name} | {FIGURES[name][0]} | {what} | {value} | {seconds:.0f} s "
                  f"| `{prefix}{command}` |", flush=True)
    if wrong:
        sys.exit(f"failed, or not measured: {' '.join(wrong)}")


if __name__ == "__main__":
    main()
