//! The plan.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::history::{DurationSource, Estimate};
use super::level::UploadRateFacts;
use super::snapshot::Inputs;
use crate::clock::Jst;
use crate::diag::Fact;
use crate::effect::Effect;
use crate::i18n::{self, Lang};
use crate::ids::{PhaseId, PlanDigest, StepId};
use crate::playbook::{Clinic, Job, Missed, Title};

/// What will happen, when, for how long, and whether it may.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this form; 1.
    pub format: u32,
    /// When it was made.
    #[serde(with = "crate::clock::serde_jst")]
    pub made_at: Jst,
    /// The playbook's name.
    pub playbook: String,
    /// The playbook's title.
    pub title: Title,
    /// The clinic's values.
    pub clinic: Clinic,
    /// Phases with their steps and times.
    pub phases: Vec<PlannedPhase>,
    /// The go/no-go list.
    pub checks: Vec<Check>,
    /// What the probes found.
    pub facts: Facts,
    /// What the durations were reckoned from; `None` in a plan of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<EstimateBasis>,
    /// Announced maintenance of the cloud between the plan's making and the day after its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintenance: Vec<PlannedMaintenance>,
    /// When the clinic's service stops.
    #[serde(with = "crate::clock::serde_jst")]
    pub service_stops_at: Jst,
    /// When the production import starts: the point after which the cloud's data is overwritten.
    #[serde(with = "crate::clock::serde_jst")]
    pub import_starts_at: Jst,
    /// When the last step is expected to end.
    #[serde(with = "crate::clock::serde_jst")]
    pub ends_at: Jst,
    /// Time that is kept for steps that take longer than expected, seconds.
    #[serde(default)]
    pub margin_secs: u64,
    /// How long a roll-back takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Estimate>,
    /// The roll-back's own steps, in its order: what was closed last is opened first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollback_steps: Vec<PlannedUndo>,
    /// Latest start of a roll-back that still ends inside the window.
    #[serde(with = "crate::clock::serde_jst")]
    pub latest_rollback_at: Jst,
    /// Every place where patient data will lie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<DataPlace>,
    /// What starts by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<PlannedWork>,
    /// True where times are a rehearsal's.
    pub rehearsal: bool,
    /// Hashes of what the plan rests on.
    #[serde(default)]
    pub inputs: Inputs,
    /// What the approval is bound to: the digest over these hashes.
    pub digest: PlanDigest,
}

/// A step of the roll-back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedUndo {
    /// The step that is taken back.
    pub step: StepId,
    /// Its title.
    pub title: Title,
    /// Its kind.
    pub kind: String,
    /// What taking it back is expected to take.
    pub estimate: Estimate,
}

/// Where patient data lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// The working folder of this machine.
    WorkFolder,
    /// The clinic's database server, beside the clinic's database.
    Server,
    /// The tenant in the cloud.
    Tenant,
}

/// What lies there. Its text is `report-contents-<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceContents {
    /// The clinic's converted dump.
    SourceDump,
    /// A second database beside the clinic's.
    SecondDatabase,
    /// A dump of the tenant, kept by the management site.
    CloudCopy,
    /// A dump of the tenant that was downloaded.
    CloudDump,
    /// The clinic's data in the tenant.
    TenantData,
    /// The management site's import log as it came.
    ImportLog,
}

/// One place where patient data will lie, since when and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPlace {
    /// What sort of place.
    pub kind: PlaceKind,
    /// The path, the database, or the tenant.
    pub place: String,
    /// What lies there.
    pub contents: PlaceContents,
    /// The step that puts it there.
    pub step: StepId,
    /// When it is removed; `None` where this program does not remove it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::clock::serde_option")]
    pub purge_at: Option<Jst>,
    /// True where it is encrypted once no step needs it in clear.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
}

/// Work that starts by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedWork {
    /// The work.
    pub job: Job,
    /// The crontab(5) expression and its zone, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// The next times, at most three.
    pub next: Vec<RfcTime>,
    /// It may start until so many seconds after its time.
    pub window_secs: u64,
    /// What becomes of a missed start.
    pub missed: Missed,
}

/// A time in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RfcTime(#[serde(with = "crate::clock::serde_jst")] pub Jst);

/// What durations are reckoned from before anything was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateBasis {
    /// Size of the database in bytes.
    pub database_bytes: u64,
    /// False where the size is not known and a usual one was taken.
    pub size_known: bool,
    /// Bytes of table data a second through a dump.
    pub dump_rate: u64,
    /// Bytes of archive a second between the clinic and the management site.
    pub line_rate: u64,
    /// Bytes of archive a second that the management site restores.
    pub restore_rate: u64,
    /// How fast the line sends, where that was measured or stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadRateFacts>,
}

/// Announced maintenance of the cloud; `from` is inside, `to` is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMaintenance {
    /// Its first moment.
    #[serde(with = "crate::clock::serde_jst")]
    pub from: Jst,
    /// The first moment after it.
    #[serde(with = "crate::clock::serde_jst")]
    pub to: Jst,
    /// What is announced.
    pub title: String,
    /// Where that was read.
    #[serde(default)]
    pub source: String,
}

/// A phase of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedPhase {
    /// Its id.
    pub id: PhaseId,
    /// Its title.
    pub title: Title,
    /// Its steps.
    pub steps: Vec<PlannedStep>,
}

/// A step of the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedStep {
    /// Its id.
    pub id: StepId,
    /// Its title.
    pub title: Title,
    /// Its kind.
    pub kind: String,
    /// What it does to the world.
    pub effect: Effect,
    /// True for the import that overwrites the tenant for good.
    pub is_production_import: bool,
    /// Steps it needs.
    pub needs: Vec<StepId>,
    /// False: `when` does not hold; it is skipped.
    pub applies: bool,
    /// Expected start.
    #[serde(with = "crate::clock::serde_jst")]
    pub starts_at: Jst,
    /// Expected duration, seconds.
    pub estimate_secs: u64,
    /// The longest duration that is reckoned with, seconds.
    #[serde(default)]
    pub max_secs: u64,
    /// Where the durations come from.
    #[serde(default = "reckoned")]
    pub estimate_source: DurationSource,
    /// How often the duration was measured.
    #[serde(default)]
    pub samples: usize,
    /// The user it runs as, or the certificate it comes with.
    #[serde(default)]
    pub runs_as: String,
    /// The machine it works on.
    #[serde(default)]
    pub host: String,
    /// True where a delay of it delays the end.
    #[serde(default)]
    pub critical: bool,
    /// True where it lies behind: the test import is proved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
    /// Archives that it writes, sends or reads, by their names in the working folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<String>,
    /// The command it runs, a word each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The commands that follow it, a word each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_commands: Vec<Vec<String>>,
}

fn reckoned() -> DurationSource {
    DurationSource::Default
}

impl PlannedStep {
    /// The commands that it runs, each in one line.
    pub fn command_lines(&self) -> impl Iterator<Item = String> {
        let first = Some(&self.command).filter(|command| !command.is_empty());
        first.into_iter().chain(&self.more_commands).map(|words| words.join(" "))
    }

    /// Expected end.
    pub fn ends_at(&self) -> Jst {
        let secs = i64::try_from(self.estimate_secs).unwrap_or(i64::MAX);
        let length = chrono::TimeDelta::try_seconds(secs).unwrap_or_default();
        self.starts_at.checked_add_signed(length).unwrap_or(self.starts_at)
    }
}

/// Whether a criterion holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds, and was measured.
    Ok,
    /// It is still to come: the run itself proves it, or does not go on.
    Later,
    /// It could not be measured yet.
    Unknown,
    /// A person should look at it.
    Warn,
    /// The run must not start.
    Block,
}

impl Verdict {
    /// The attribute of a calendar rule's text; `None` where there is none.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Ok => Some("ok"),
            Self::Unknown | Self::Later => None,
            Self::Warn => Some("warn"),
            Self::Block => Some("block"),
        }
    }
}

/// A row of the go/no-go list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// The stable code; the Fluent texts are `<code>` (the criterion), `<code>.hint`, and what was
    /// measured: `<code>.ok`, `.warn` or `.block` of a calendar rule, `<code>.measured` of others.
    pub code: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The measured value, in words that need no translation; empty where it was not measured.
    pub measured: String,
    /// The text's arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Where the measured value comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Who does without the rule, and why; the verdict is then at most a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Overridden>,
}

/// Where a measured value comes from. Its text is `plan-evidence-<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// The clinic's server was looked at.
    Server,
    /// The management site was looked at.
    Site,
    /// The mail server was looked at.
    MailServer,
    /// The maintenance calendar.
    Calendar,
    /// The clinic file.
    ClinicFile,
    /// The journal of earlier runs.
    Journal,
    /// A scan of the database's characters.
    Scan,
    /// Worked out from the other rows.
    Reckoned,
}

/// Where a measured value comes from, and of when it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Of when.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::clock::serde_option")]
    pub at: Option<Jst>,
}

/// A rule that people do without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// Who may.
    pub by: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Check {
    /// The criterion. One that is about the test import says so.
    pub fn criterion(&self, lang: Lang) -> String {
        let text = i18n::text(lang, &self.code, &self.args());
        if self.facts.iter().any(|fact| fact.name == "purpose" && fact.value == "test") {
            return i18n::text(lang, "plan-of-test-import", &[("text", text.into())]);
        }
        text
    }

    /// What was measured, in words; the bare value where there is no text for it, and nothing
    /// where nothing was measured.
    pub fn measured(&self, lang: Lang) -> String {
        if self.measured.is_empty() {
            return String::new();
        }
        let args = self.args();
        if self.facts.iter().any(|fact| fact.name == "planned") {
            return i18n::text(lang, "plan-test-import-planned", &args);
        }
        let attribute = |name: &str| i18n::find(lang, &format!("{}.{name}", self.code), &args);
        self.verdict
            .word()
            .and_then(attribute)
            // A block that people do without is shown as a warning; what was measured is the same.
            .or_else(|| attribute("block").filter(|_| self.overridden.is_some()))
            .or_else(|| attribute("measured"))
            // A plan of another version may lack an argument: then the bare value is shown.
            .filter(|text| !text.contains("{$"))
            .unwrap_or_else(|| self.measured.clone())
    }

    /// What to do where it does not hold.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        i18n::find(lang, &format!("{}.hint", self.code), &self.args())
    }

    fn args(&self) -> Vec<i18n::Arg<'_>> {
        self.facts.iter().map(|fact| (fact.name.as_ref(), fact.value.as_str().into())).collect()
    }
}

impl Plan {
    /// The worst verdict of the go/no-go list.
    pub fn verdict(&self) -> Verdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok)
    }

    /// When the test import is expected to be proved: the end of the phase that holds it.
    pub fn test_proved_at(&self) -> Option<Jst> {
        let test = |step: &PlannedStep| {
            step.applies && step.kind == "portal_import" && !step.is_production_import
        };
        let phase = self.phases.iter().find(|phase| phase.steps.iter().any(test))?;
        phase.steps.iter().map(PlannedStep::ends_at).max()
    }

    /// Rules that people do without.
    pub fn overrides(&self) -> impl Iterator<Item = (&Check, &Overridden)> {
        self.checks.iter().filter_map(|check| Some((check, check.overridden.as_ref()?)))
    }

    /// All steps in the playbook's order.
    pub fn steps(&self) -> impl Iterator<Item = &PlannedStep> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }
}
