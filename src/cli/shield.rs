//! Keeps the process itself from telling what it holds: no core dumps, no panic texts.
//!
//! A core dump and a panic's text may both hold rows, patients' names and secrets. It must not
//! know what the commands do.

use std::panic::PanicHookInfo;
use std::process::ExitCode;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use crate::diag::Kind;
use crate::i18n::Lang;
use crate::t;

/// Stands in the texts until the place is known.
const PLACE: &str = "\u{0}";

/// Runs the program with core dumps off; a panic ends it with the status of a defect.
pub(super) fn behind(program: impl FnOnce() -> ExitCode + std::panic::UnwindSafe) -> ExitCode {
    refuse_core_dumps();
    tell_places_only();
    match std::panic::catch_unwind(program) {
        Ok(status) => status,
        // The hook has told it.
        Err(_) => ExitCode::from(Kind::Internal.exit_code()),
    }
}

/// No core file, neither of this process nor of the programs that it starts: `pg_dump` holds
/// rows, too. Where the system pipes cores to a program, the limit does not count and only the
/// second call helps; it also keeps other processes of the user from reading this one's memory
/// and environment.
fn refuse_core_dumps() {
    // A system that refuses even this has its own rules; nothing can be done about it here.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Panics tell where in the program they happened, never their text: it may quote a row.
fn tell_places_only() {
    // Looked up now: in a panic nothing may be looked up.
    let words = [Lang::Ja, Lang::En].map(|lang| {
        format!("{}\n  {}", t!(lang, "cli-defect", place = PLACE), t!(lang, "cli-defect.hint"))
    });
    std::panic::set_hook(Box::new(move |panic| tell(&words, panic)));
}

fn tell(words: &[String], panic: &PanicHookInfo<'_>) {
    use std::io::Write;
    let place = panic.location().map_or_else(
        || "-".to_owned(),
        |at| format!("{}:{}:{}", at.file(), at.line(), at.column()),
    );
    let mut out = std::io::stderr().lock();
    for text in words {
        // Where standard error is gone, the exit status still tells.
        let _ = writeln!(out, "orca-cutover: {}", text.replace(PLACE, &place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANICS: &str = "ORCA_CUTOVER_TEST_PANICS";

    /// Panics with a row's value where it is told to: the process that the next test looks at.
    #[test]
    fn a_process_that_panics() {
        if std::env::var_os(PANICS).is_none() {
            return;
        }
        let status = behind(|| {
            let cores = rustix::process::getrlimit(Resource::Core);
            eprintln!("cores {:?} {:?}", cores.current, cores.maximum);
            eprintln!("dumpable {:?}", rustix::process::dumpable_behavior());
            let row = "金糸雀　鳥太郎";
            panic!("the row `{row}` and hunter2-himitsu");
        });
        assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::from(70)));
        eprintln!("status of a defect");
    }

    #[test]
    fn a_panic_tells_its_place_in_both_languages_and_nothing_of_the_row() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cli::shield::tests::a_process_that_panics", "--nocapture"])
            .env(PANICS, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        for kept in ["src/cli/shield.rs:", "不具合", "defect", "status of a defect"] {
            assert!(said.contains(kept), "no {kept}: {said}");
        }
        for hidden in ["金糸雀", "鳥太郎", "hunter2"] {
            assert!(!said.contains(hidden), "{said}");
        }
        assert!(said.contains("cores Some(0) Some(0)"), "{said}");
        assert!(said.contains("dumpable Ok(NotDumpable)"), "{said}");
    }
}
