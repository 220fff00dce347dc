//! Searches places for canaries, in every form in which they could have left the program.

use std::process::{Command, Stdio};

use crate::figures::figure;

/// What the figures are measured with.
pub(super) const COMMAND: &str = "cargo nextest run canaries";

/// The search itself, which `plant.py` proves.
pub(super) const SEARCH: &str = "tests/it/canaries/search.py";

/// What a search came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) places: u64,
    files: u64,
    bytes: u64,
    pub(super) hits: Vec<String>,
}

impl Found {
    pub(super) fn with(mut self, other: Self) -> Self {
        self.places = self.places.max(other.places);
        self.files += other.files;
        self.bytes += other.bytes;
        self.hits.extend(other.hits);
        self
    }

    pub(super) fn figure(&self, what: &str) {
        let Self { places, files, bytes, hits } = self;
        let hits = hits.len();
        let value = format!("{hits} hits in {places} places, {files} files, {bytes} bytes");
        figure("R11", what, value, COMMAND);
        assert!(self.hits.is_empty(), "{what}: {:#?}", self.hits);
    }
}

pub(super) fn search(places: &serde_json::Value, canaries: &[String], skip: &[String]) -> Found {
    use std::io::Write;
    let asked =
        serde_json::json!({"names": canaries, "secrets": [], "places": places, "skip": skip});
    // As root: what other users' programs left is to be read, too.
    let mut python = Command::new("sudo")
        .args(["-n", "python3", "-B", SEARCH])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| found[name].as_u64().unwrap();
    Found {
        places: number("places"),
        files: number("files"),
        bytes: number("bytes"),
        hits: found["hits"].as_array().unwrap().iter().map(ToString::to_string).collect(),
    }
}
