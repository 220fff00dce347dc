//! `POINT[/STEP]=ACTION[@N]`, as a rehearsal writes it. Pure.

use std::path::PathBuf;
use std::time::Duration;

use super::Point;

/// Longest wait that can be asked for: longer ones are what a step's time limit is for.
const MAX_DELAY: Duration = Duration::from_secs(24 * 3600);
/// Most faults of one process.
const MAX_RULES: usize = 1_000;

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// What stands there fails.
    Error,
    /// The process ends as by `kill -9`.
    Crash,
    /// The task panics.
    Panic,
    /// It takes longer.
    Delay(Duration),
    /// It is done twice.
    Repeat,
}

impl Act {
    /// The action's name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Crash => "crash",
            Self::Panic => "panic",
            Self::Delay(_) => "delay",
            Self::Repeat => "repeat",
        }
    }
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) point: Point,
    /// Only in this step.
    pub(super) step: Option<String>,
    pub(super) act: Act,
    /// At which time of coming by, from 1; `None` for each time.
    pub(super) at: Option<u64>,
}

/// Everything the variable says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) rules: Vec<Rule>,
    /// Where each point that is come by is written down, with its step.
    pub(super) record: Option<PathBuf>,
}

/// Reads the variable's text; gives the part that cannot be read as an error.
pub(super) fn parse(text: &str) -> Result<Rules, String> {
    let mut all = Rules::default();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(path) = part.strip_prefix("record:").filter(|path| !path.is_empty()) {
            all.record = Some(PathBuf::from(path));
        } else if all.rules.len() < MAX_RULES {
            all.rules.push(rule(part).ok_or_else(|| part.to_owned())?);
        } else {
            return Err(part.to_owned());
        }
    }
    Ok(all)
}

fn rule(text: &str) -> Option<Rule> {
    let (place, what) = text.split_once('=')?;
    let (name, step) = match place.split_once('/') {
        Some((name, step)) if !step.is_empty() => (name, Some(step.to_owned())),
        Some(_) => return None,
        None => (place, None),
    };
    let (act, at) = match what.split_once('@') {
        Some((act, "*")) => (act, None),
        Some((act, at)) => (act, Some(at.parse().ok().filter(|at| *at > 0)?)),
        None => (what, Some(1)),
    };
    let act = match act {
        "error" => Act::Error,
        "crash" => Act::Crash,
        "panic" => Act::Panic,
        "repeat" => Act::Repeat,
        delay => {
            let millis = delay.strip_prefix("delay:")?.parse().ok()?;
            Act::Delay(Some(Duration::from_millis(millis)).filter(|delay| *delay <= MAX_DELAY)?)
        }
    };
    let point = Point::named(name)?;
    // Only what an effect did as a whole can be done again.
    if act == Act::Repeat && point != Point::AfterEffect {
        return None;
    }
    Some(Rule { point, step, act, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let read =
            parse("import-sent/production_import=crash, journal-after=delay:250@3,").unwrap();
        let expected = [
            Rule {
                point: Point::ImportSent,
                step: Some("production_import".to_owned()),
                act: Act::Crash,
                at: Some(1),
            },
            Rule {
                point: Point::JournalAfter,
                step: None,
                act: Act::Delay(Duration::from_millis(250)),
                at: Some(3),
            },
        ];
        assert_eq!(read.rules, expected);
        assert_eq!(parse("proved=error@*").unwrap().rules[0].at, None);
        assert_eq!(parse("record:/tmp/x").unwrap().record, Some(PathBuf::from("/tmp/x")));
        assert_eq!(parse("").unwrap(), Rules::default());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_part() {
        for wrong in [
            "import-sent",
            "import-sent=explode",
            "nowhere=crash",
            "import-sent/=crash",
            "import-sent=crash@0",
            "import-sent=crash@x",
            "import-sent=delay:",
            "import-sent=delay:999999999999",
            "import-sent=repeat",
            "record:",
            "=crash",
        ] {
            let text = format!("after-effect=repeat,{wrong}");
            assert_eq!(parse(&text), Err(wrong.to_owned()));
        }
        assert!(parse(&"after-intent=crash,".repeat(1_001)).is_err());
    }
}
