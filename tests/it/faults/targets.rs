//! Which points a step of each kind has, written down by hand: what the program really comes by is
//! held against it.

use std::collections::BTreeMap;

/// A place at which a process can be made to die: a step's, a point's, the how-manieth time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) step: String,
    pub(crate) point: &'static str,
    pub(crate) time: usize,
}

impl Target {
    /// As the variable has it.
    pub(crate) fn rule(&self, action: &str) -> String {
        format!("{}/{}={action}@{}", self.point, self.step, self.time)
    }
}

/// A step of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// What tells steps of one kind apart that do different things.
    pub(crate) variant: &'static str,
}

const BEFORE: [(&str, usize); 2] = [("before-intent", 1), ("after-intent", 1)];
const AFTER: [(&str, usize); 3] =
    [("after-effect", 1), ("before-outcome", 1), ("after-outcome", 1)];

/// Points after which an import may have taken place: only one of them can be come by for each
/// import, since what took place is not done again.
pub(crate) const TOOK_PLACE: [&str; 6] = [
    "import-sent",
    "import-answered",
    "import-ended",
    "after-effect",
    "before-outcome",
    "after-outcome",
];

/// Records that a step writes between its intent and its outcome.
fn records(kind: &str, variant: &str) -> usize {
    match (kind, variant) {
        ("mail_probe" | "dump" | "portal_release", "") => 2,
        ("dump", "database") => 6,
        _ => 0,
    }
}

/// The points inside of a step's effect, each with the how-manieth time.
fn inside(kind: &str, variant: &str) -> Vec<(&'static str, usize)> {
    let dump =
        [("dump-started", 1), ("dump-midstream", 1), ("file-complete", 1), ("file-renamed", 1)];
    match (kind, variant) {
        ("mail_probe", _) => vec![("mail-spooled", 1), ("mail-taken", 1), ("mail-settled", 1)],
        ("dump", "") => dump.to_vec(),
        ("dump", _) => {
            let mut all = vec![
                ("database-made", 1),
                ("database-registered", 1),
                ("database-named", 1),
                ("database-half-filled", 1),
                ("database-filled", 1),
            ];
            all.extend(dump);
            all.extend(dump.map(|(point, _)| (point, 2)));
            all
        }
        ("portal_export", _) => {
            // Dealt out first: whoever died between asking and seeing releases nothing.
            let mut all = if variant == "release" { vec![("slot-released", 1)] } else { vec![] };
            all.extend([
                ("export-clicked", 1),
                ("export-seen", 1),
                ("export-noted", 1),
                ("download-half", 1),
                ("file-complete", 1),
                ("file-renamed", 1),
                // It is written that a dump will be asked for, and nothing was asked.
                ("journal-after", 2),
            ]);
            all
        }
        ("portal_release", _) => vec![
            ("download-half", 1),
            ("file-complete", 1),
            ("file-renamed", 1),
            ("slot-released", 1),
        ],
        ("portal_import", _) => [
            "import-ready",
            "import-begun",
            "import-half-sent",
            "import-last-byte",
            "import-sent",
            "import-answered",
            "import-ended",
            // Of the proof of an import in doubt, whose dump the next process takes up.
            "export-noted",
            "download-half",
            "file-complete",
            "file-renamed",
            "proved",
        ]
        .map(|point| (point, 1))
        .to_vec(),
        ("service_stop", _) => vec![("service-stopped", 1)],
        ("fence", "closed") => vec![("fence-closed", 1)],
        ("fence", _) => vec![("fence-read-only", 1)],
        ("swap_database", _) => {
            vec![("fence-closed", 1), ("fence-closed", 2), ("swap-closed", 1), ("swap-renamed", 1)]
        }
        _ => Vec::new(),
    }
}

/// Every point of a step of this kind.
pub(crate) fn points(kind: &str, variant: &str) -> Vec<(&'static str, usize)> {
    let mut all = BEFORE.to_vec();
    all.extend(inside(kind, variant));
    // The first record of a step is its intent, which has points of its own.
    for record in 2..records(kind, variant) + 2 {
        all.extend([("journal-before", record), ("journal-after", record)]);
    }
    all.extend(AFTER);
    all
}

/// The steps of a shipped playbook, in its order.
pub(crate) fn steps(playbook: &str) -> Vec<Step> {
    let mut parts = playbook.split("\n      - id: ");
    parts.next();
    parts
        .map(|part| {
            let id = part.lines().next().unwrap().trim().to_owned();
            let kind = part.lines().find_map(|line| line.trim().strip_prefix("kind: "));
            let kind = kind.unwrap_or_else(|| panic!("{id} has no kind")).to_owned();
            let variant = match kind.as_str() {
                "dump" if part.contains("strategy: database") => "database",
                "fence" if part.contains("mode: closed") => "closed",
                "portal_export" if part.contains("release_slot: true") => "release",
                _ => "",
            };
            Step { id, kind, variant }
        })
        .collect()
}

/// Each point of each kind of step once, dealt out over the steps of all worlds; gives each
/// world's part.
pub(crate) fn dealt(worlds: &[Vec<Step>]) -> Vec<Vec<Target>> {
    let mut kinds: BTreeMap<(&str, &str), Vec<(usize, &str)>> = BTreeMap::new();
    for (world, steps) in worlds.iter().enumerate() {
        for step in steps {
            kinds.entry((&step.kind, step.variant)).or_default().push((world, &step.id));
        }
    }
    let mut parts = vec![Vec::new(); worlds.len()];
    for ((kind, variant), steps) in kinds {
        let (mut turn, mut took_place) = (0, 0);
        for (point, time) in points(kind, variant) {
            // What took place is not done again: one such point for each import.
            let only_one = kind == "portal_import" && TOOK_PLACE.contains(&point);
            let counter = if only_one { &mut took_place } else { &mut turn };
            let (world, step) = steps[*counter % steps.len()];
            *counter += 1;
            parts[world].push(Target { step: step.to_owned(), point, time });
        }
    }
    parts
}

/// Every point of every step.
pub(crate) fn all(steps: &[Step]) -> Vec<Target> {
    let of = |step: &Step| {
        let id = step.id.clone();
        points(&step.kind, step.variant).into_iter().map(move |(point, time)| Target {
            step: id.clone(),
            point,
            time,
        })
    };
    steps.iter().flat_map(of).collect()
}
