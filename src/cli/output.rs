//! The one place that writes to the terminal.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::diag::{Findings, Problem};
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

    /// Data: standard output. A reader that has gone away is no error of ours.
    pub(super) fn data(&self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// Data as JSON on one line.
    pub(super) fn json(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.data(&text),
            Err(error) => self.talk(&format!("orca-cutover: {error}")),
        }
    }

    /// Talk: standard error.
    pub(super) fn talk(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// A problem: message, redacted output, hint; with `--json` also as data.
    pub(super) fn problem(&self, problem: &Problem) {
        if self.json {
            self.json(&serde_json::json!({
                "problem": problem,
                "message": problem.message(self.lang),
                "hint": problem.hint(self.lang),
                "exit_status": problem.kind.exit_code(),
            }));
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

    /// All findings of a reading.
    pub(super) fn findings(&self, findings: &Findings) {
        if self.json {
            let views: Vec<_> = findings.0.iter().map(|f| f.view(self.lang)).collect();
            self.json(&serde_json::json!({ "findings": views }));
        }
        for finding in &findings.0 {
            self.talk(&finding.render(self.lang, self.colour));
        }
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
