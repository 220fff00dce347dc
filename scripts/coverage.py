#!/usr/bin/env python3
"""Sums up a coverage report of cargo-llvm-cov: the program, and each module that guards it."""
import json
import sys

# What must never be wrong: who may start what, what follows from what, when, and whose tenant.
GUARDS = {
    "guard": ["src/run/gate.rs", "src/run/guard.rs", "src/run/clinic_state.rs",
              "src/run/dispatch.rs", "src/run/recover.rs", "src/run/recheck.rs",
              "src/run/rollback.rs", "src/run/lock.rs", "src/run/attempt.rs"],
    "journal": ["src/journal/"],
    "window": ["src/calendar/rules.rs", "src/calendar/maintenance.rs", "src/action/window_check.rs"],
    "tenant proof": ["src/portal/contract.rs", "src/portal/names.rs", "src/plan/checks/"],
}


def share(files, kind):
    count = sum(summary[kind]["count"] for _, summary in files)
    covered = sum(summary[kind]["covered"] for _, summary in files)
    return f"{covered} of {count} ({100 * covered / count:.1f} %)" if count else "none"


def main():
    report = json.load(open(sys.argv[1], encoding="utf-8"))
    files = [(entry["filename"], entry["summary"]) for data in report["data"]
             for entry in data["files"] if "/src/" in entry["filename"]]
    print(f"figure: R13 | lines of the program | {share(files, 'lines')} | scripts/coverage")
    for name, parts in GUARDS.items():
        of_guard = [file for file in files
                    if any(part in file[0] for part in parts) and "tests" not in file[0]]
        print(f"figure: R13 | {name}: lines | {share(of_guard, 'lines')} | scripts/coverage")
        print(f"figure: R13 | {name}: branches | {share(of_guard, 'branches')} | scripts/coverage")


if __name__ == "__main__":
    main()
