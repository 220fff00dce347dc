//! A playbook as its YAML says, read without the product.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

/// A playbook.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    pub(crate) steps: Vec<Step>,
    /// When production may start, and when it must have ended: every window that was approved.
    pub(crate) windows: Vec<(DateTime<FixedOffset>, DateTime<FixedOffset>)>,
    /// When the test import may start.
    pub(crate) test_at: Option<DateTime<FixedOffset>>,
}

/// A step.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) id: String,
    /// Number of its phase.
    pub(crate) phase: usize,
    pub(crate) kind: String,
    /// `test` or `production`.
    pub(crate) purpose: String,
    /// The archive that it makes, reads or sends.
    pub(crate) archive: String,
    /// The dump that it looks after.
    pub(crate) dump: String,
    pub(crate) needs: Vec<String>,
}

impl Step {
    /// True where it closes the clinic's server.
    pub(crate) fn closes(&self) -> bool {
        matches!(self.kind.as_str(), "service_stop" | "fence" | "swap_database")
    }

    pub(crate) fn imports(&self) -> bool {
        self.kind == "portal_import"
    }

    pub(crate) fn for_production(&self) -> bool {
        self.purpose == "production"
    }
}

impl Outline {
    /// Reads the YAML of playbook and clinic file.
    pub(crate) fn read(playbook: &str, clinic: &str) -> Self {
        let playbook: Value = serde_yaml::from_str(playbook).unwrap();
        let clinic: Value = serde_yaml::from_str(clinic).unwrap();
        let time = |name: &str| {
            DateTime::parse_from_rfc3339(clinic["cutover"][name].as_str().unwrap()).unwrap()
        };
        let mut outline = Self {
            steps: Vec::new(),
            windows: vec![(time("production_at"), time("window_end"))],
            test_at: Some(time("test_import_at")),
        };
        for (phase, node) in playbook["phases"].as_array().unwrap().iter().enumerate() {
            for step in node["steps"].as_array().unwrap() {
                outline.steps.push(read_step(phase, step));
            }
        }
        outline.name_archives();
        outline
    }

    pub(crate) fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// `${steps.ID.archive}` stands for what step ID makes.
    fn name_archives(&mut self) {
        let made: Vec<(String, String)> = self
            .steps
            .iter()
            .map(|step| (format!("${{steps.{}.archive}}", step.id), step.archive.clone()))
            .collect();
        for step in &mut self.steps {
            if let Some((_, archive)) = made.iter().find(|(name, _)| *name == step.archive) {
                step.archive.clone_from(archive);
            }
        }
    }
}

fn read_step(phase: usize, step: &Value) -> Step {
    let with = |name: &str| step["with"][name].as_str().unwrap_or_default().to_owned();
    let needs = step["needs"].as_array().cloned().unwrap_or_default();
    Step {
        id: step["id"].as_str().unwrap().to_owned(),
        phase,
        kind: step["kind"].as_str().unwrap().to_owned(),
        purpose: with("purpose"),
        archive: with("archive"),
        dump: with("dump"),
        needs: needs.iter().map(|need| need.as_str().unwrap().to_owned()).collect(),
    }
}
