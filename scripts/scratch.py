"""A copy of the checkout in which guards and mutants are switched, shared by `guards` and `mutants`.

Every edit stands behind a switch that is thrown by an environment variable of the test's process:
one build serves all of them. Copy and build lie in CARGO_TARGET_DIR or `target`, shared with the
checkout, so that libraries are not built again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SWITCH = "ORCA_GUARD_OFF"
SUPPORT = f'''
/// True where the guard or mutant of this number is switched.
pub fn guard_is_off(number: &str) -> bool {{
    static OFF: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    OFF.get_or_init(|| std::env::var("{SWITCH}").ok()).as_deref() == Some(number)
}}
'''


def target():
    return (ROOT / os.environ.get("CARGO_TARGET_DIR", "target")).resolve()


def copy():
    """Copies what git knows or would add into a fresh folder, always the same: cargo would take
    what it built of another one below its target folder for what it is to build here."""
    folder = target() / "scratch" / "orca-cutover"
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True,
    ).stdout
    for name in filter(None, listed.decode("utf-8").split("\0")):
        source, copied = ROOT / name, folder / name
        if source.is_file():
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copied)
    return folder


def put_support(folder):
    library = folder / "src" / "lib.rs"
    library.write_text(library.read_text("utf-8") + SUPPORT, "utf-8")


def environment(off=None):
    """The environment of a build or a test in which `off` is switched."""
    values = dict(os.environ)
    values["CARGO_TARGET_DIR"] = str(target())
    values.pop(SWITCH, None)
    if off is not None:
        values[SWITCH] = off
    return values


def build(folder, integration=False):
    """Builds the tests; gives the program of the library's, and of tests/it where asked for."""
    targets = ["--lib"] + (["--test", "it"] if integration else [])
    # The product is built quickly rather than well: it is built for a few runs of its tests.
    quick = ["--config", "profile.dev.package.orca-cutover.opt-level=0",
             "--config", "profile.dev.debug=0"]
    done = subprocess.run(
        ["cargo", "test", "--no-run", "--locked", "--message-format", "json", *quick, *targets],
        cwd=folder, env=environment(), stdout=subprocess.PIPE,
    )
    programs = {}
    for line in done.stdout.decode("utf-8").splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-message" and message["message"]["level"] == "error":
            print(message["message"]["rendered"])
        if message.get("executable") and message.get("profile", {}).get("test"):
            programs[message["target"]["name"]] = message["executable"]
    if done.returncode != 0:
        sys.exit("the copy does not build")
    return programs.get("orca_cutover"), programs.get("it")


def run(program, folder, arguments, off, limit):
    """Exit status of a test program (0: all passed) and what it said; None: out of time."""
    process = subprocess.Popen(
        [program, *arguments], cwd=folder, env=environment(off), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    try:
        output, _ = process.communicate(timeout=limit)
        return process.returncode, output.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 15)
        process.wait()
        return None, ""
