//! The one place that writes to the terminal.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::diag::{Fact, Finding, Findings, Kind, Problem};
use crate::i18n::Lang;

/// How results and talk are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) lang: Lang,
    pub(super) json: bool,
    pub(super) colour: bool,
    pub(super) terminal: bool,
    pub(super) width: usize,
}

impl Output {
    pub(super) fn new(lang: Option<Lang>, json: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let width = width();
        Self { lang: lang.unwrap_or_else(Lang::from_env), json, colour, terminal, width }
    }

    /// Data: standard output.
    pub(super) fn data(&self, text: &str) -> Result<(), Problem> {
        write_out(|out| writeln!(out, "{text}"))
    }

    /// Data as JSON on one line.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<(), Problem> {
        write_out(|out| {
            serde_json::to_writer(&mut *out, value)?;
            writeln!(out)
        })
    }

    /// The exit status of a command whose result was `told`, or could not be: what went wrong in
    /// the world goes before what went wrong with its report.
    pub(super) fn status(&self, status: u8, told: Result<(), Problem>) -> Result<u8, Problem> {
        match told {
            Err(problem) if status != 0 => {
                self.explain(&problem);
                Ok(status)
            }
            told => told.map(|()| status),
        }
    }

    /// Talk: standard error.
    pub(super) fn talk(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// A problem: message, redacted output, hint; with `--json` also as data.
    pub(super) fn problem(&self, problem: &Problem) {
        if self.json {
            let written = self.json(&serde_json::json!({
                "problem": problem,
                "message": problem.message(self.lang),
                "hint": problem.hint(self.lang),
                "exit_status": problem.kind.exit_code(),
            }));
            // The first problem tells the exit status; this one is only told.
            if let Err(unwritten) = written {
                self.explain(&unwritten);
            }
        }
        self.explain(problem);
    }

    /// A problem as talk only: where the result holds it already, or goes on in spite of it.
    pub(super) fn explain(&self, problem: &Problem) {
        let (open, close) = if self.colour { ("\u{1b}[1;31m", "\u{1b}[0m") } else { ("", "") };
        self.talk(&format!(
            "{open}{}{close}[{}]: {}",
            crate::t!(self.lang, "cli-error"),
            problem.code,
            problem.message(self.lang)
        ));
        if let Some(detail) = &problem.detail {
            for line in detail.as_str().lines() {
                self.talk(&format!("  | {line}"));
            }
        }
        if let Some(hint) = problem.hint(self.lang) {
            self.talk(&format!("  {}: {hint}", crate::t!(self.lang, "cli-hint")));
        }
    }

    /// What a person should know about a reading, as talk only.
    pub(super) fn findings_talk(&self, findings: &[Finding]) {
        for finding in findings {
            self.talk(&finding.render(self.lang, self.colour));
        }
    }

    /// All findings of a reading.
    pub(super) fn findings(&self, findings: &Findings) {
        if self.json {
            let views: Vec<_> = findings.0.iter().map(|f| f.view(self.lang)).collect();
            // The problem that follows tells the exit status; this one is only told.
            if let Err(unwritten) = self.json(&serde_json::json!({ "findings": views })) {
                self.explain(&unwritten);
            }
        }
        for finding in &findings.0 {
            self.talk(&finding.render(self.lang, self.colour));
        }
    }
}

/// Writes data to standard output. A reader that has gone away is no error of ours; a full disk
/// is one, since what was asked for is not there.
pub(super) fn write_out(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Problem> {
    write_to(io::stdout().lock(), write)
}

fn write_to(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Problem> {
    let mut out = io::BufWriter::new(out);
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // What could not be written is not tried again when the buffer goes.
            let _ = out.into_parts();
            Err(Problem::new("cli-output-unwritable", Kind::Environment)
                .with(Fact::local("reason", error)))
        }
        _ => Ok(()),
    }
}

/// Columns of the terminal; where there is none, what fits on paper.
fn width() -> usize {
    const WITHOUT_TERMINAL: usize = 100;
    const NARROWEST: usize = 60;
    match rustix::termios::tcgetwinsize(std::io::stderr()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col).max(NARROWEST),
        _ => WITHOUT_TERMINAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_and_a_closed_pipe_is_not() {
        let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        for bytes in [1, 10_000] {
            let text = "x".repeat(bytes);
            let problem = write_to(full(), |out| writeln!(out, "{text}")).unwrap_err();
            assert_eq!(problem.code, "cli-output-unwritable");
            assert_eq!(problem.kind.exit_code(), 5);
            let (reader, writer) = io::pipe().unwrap();
            drop(reader);
            assert!(write_to(writer, |out| writeln!(out, "{text}")).is_ok());
        }
        let mut kept = Vec::new();
        write_to(&mut kept, |out| out.write_all(b"x")).unwrap();
        assert_eq!(kept, b"x");
    }

    #[test]
    fn what_happened_goes_before_what_could_not_be_told() {
        let output = Output::new(Some(Lang::En), false);
        let untold = || Err(Problem::new("cli-output-unwritable", Kind::Environment));
        assert_eq!(output.status(7, untold()).unwrap(), 7);
        assert_eq!(output.status(0, untold()).unwrap_err().kind.exit_code(), 5);
        assert_eq!(output.status(0, Ok(())).unwrap(), 0);
    }
}
