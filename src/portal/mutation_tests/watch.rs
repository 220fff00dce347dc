//! Stands between the site and its visitor: changes pages by a plan, and notes every request.
//! What was done is judged by these notes and by the site's own state, never by the client.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::markup::{Kind, Markup};
use super::pick;
use crate::archive::test_model::Dice;
use crate::rehearsal::site::{DumpRow, Retouch};

/// A page of the site, by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    LogIn,
    ControlHome,
    TenantDetail,
    Management,
    ImportForm,
    ImportShown,
    DumpList,
    All,
}

impl Place {
    const MOST: [Self; 7] = [
        Self::ControlHome,
        Self::TenantDetail,
        Self::Management,
        Self::ImportForm,
        Self::ImportShown,
        Self::DumpList,
        Self::All,
    ];

    fn holds(self, host: &str, path: &str) -> bool {
        let (control, auth) = (host.starts_with("ctrl"), host.starts_with("auth"));
        let end = path.trim_matches('/').split('/').skip(2).collect::<Vec<_>>();
        match self {
            Self::All => true,
            Self::LogIn => auth,
            Self::ControlHome => control && path == "/",
            Self::TenantDetail => control && path != "/",
            Self::Management => !control && !auth && end.is_empty(),
            Self::ImportForm => end == ["db_imports", "new"],
            Self::ImportShown => matches!(end.as_slice(), ["db_imports", id] if *id != "new"),
            Self::DumpList => end.first() == Some(&"db_dumps"),
        }
    }
}

/// What is done to the pages of one visit.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) place: Place,
    pub(super) kinds: Vec<Kind>,
    /// False where a page is changed in another way each time it is asked for.
    lasting: bool,
}

impl Plan {
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed);
        let place = match dice.roll(16) {
            0 => Place::LogIn,
            _ => *pick(&mut dice, &Place::MOST),
        };
        let count = 1 + dice.roll(3);
        let kinds = (0..count).map(|_| *pick(&mut dice, &Kind::ALL)).collect();
        Self { seed, place, kinds, lasting: dice.roll(5) != 0 }
    }
}

/// The step that the client is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Look,
    Export,
    Import,
    Delete,
}

struct Notes {
    plan: Option<Plan>,
    phase: Phase,
    changes: Vec<(Phase, String, String, String)>,
    wrong: Vec<String>,
    asked: u64,
    seen: BTreeSet<String>,
}

/// The hand between.
pub(super) struct Watch {
    tenant: String,
    password: String,
    notes: Mutex<Notes>,
}

impl Watch {
    pub(super) fn new(tenant: &str, password: &str) -> Self {
        let notes = Notes {
            plan: None,
            phase: Phase::Look,
            changes: Vec::new(),
            wrong: Vec::new(),
            asked: 0,
            seen: BTreeSet::new(),
        };
        // As a form writes it.
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        Self { tenant: tenant.to_owned(), password: encode(password), notes: Mutex::new(notes) }
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a visit whose pages are changed by `plan`.
    pub(super) fn begin(&self, plan: Option<Plan>) {
        let mut notes = self.notes();
        notes.plan = plan;
        notes.phase = Phase::Look;
        notes.changes.clear();
        notes.wrong.clear();
        notes.asked = 0;
    }

    pub(super) fn phase(&self, phase: Phase) {
        self.notes().phase = phase;
    }

    /// Everything that came and should not have. `ours` are the dumps that were made in this
    /// visit.
    pub(super) fn wrong(&self, ours: &[DumpRow]) -> Vec<String> {
        let notes = self.notes();
        let mut wrong = notes.wrong.clone();
        let mut done = Vec::new();
        for (phase, host, target, method) in &notes.changes {
            let at = |rest: &str| format!("/tenants/{}{rest}", self.tenant);
            let is_management = host.starts_with("sms");
            let fits = match phase {
                // Where the log-in form leads on its own host is the host's matter.
                _ if host.starts_with("auth") => method == "post",
                Phase::Export => *target == at("/db_dumps") && method == "post",
                Phase::Import => *target == at("/db_imports") && method == "post",
                Phase::Delete => {
                    let own = |dump: &DumpRow| *target == at(&format!("/db_dumps/{}", dump.id));
                    method == "delete" && ours.iter().any(own)
                }
                Phase::Look => false,
            };
            if !fits || (is_management && done.contains(phase)) {
                wrong.push(format!("{phase:?}: {method} {host}{target}"));
            }
            if is_management {
                done.push(*phase);
            }
        }
        wrong
    }

    /// True where an upload came.
    pub(super) fn uploaded(&self) -> bool {
        self.notes().changes.iter().any(|(_, _, target, _)| target.ends_with("/db_imports"))
    }

    /// How many different pages were changed so far.
    pub(super) fn pages(&self) -> usize {
        self.notes().seen.len()
    }
}

impl Retouch for Watch {
    fn came(&self, host: &str, method: &str, target: &str, body: &[u8]) {
        let mut notes = self.notes();
        if target.contains(&self.password) {
            notes.wrong.push("the password stands in an address".to_owned());
        }
        if method == "GET" {
            return;
        }
        let is_file = body.windows(5).any(|five| five == b"PGDMP");
        let text = String::from_utf8_lossy(body);
        let mut method = "post".to_owned();
        if is_file || text.starts_with("--") {
            // A multipart body: the field's value stands behind its head.
            if let Some((_, rest)) = text.split_once("name=\"_method\"") {
                method = rest.trim_start().lines().next().unwrap_or_default().to_owned();
            }
        } else {
            let pairs = url::form_urlencoded::parse(body);
            if let Some((_, value)) = pairs.filter(|(name, _)| name == "_method").last() {
                method = value.into_owned();
            }
        }
        let phase = notes.phase;
        if is_file && phase != Phase::Import {
            notes.wrong.push(format!("a file came to {host}{target}"));
        }
        notes.changes.push((phase, host.to_owned(), target.to_owned(), method));
    }

    fn page(&self, host: &str, path: &str, html: String) -> String {
        let mut notes = self.notes();
        let Some(plan) = notes.plan.clone().filter(|plan| plan.place.holds(host, path)) else {
            return html;
        };
        notes.asked += 1;
        let turn = if plan.lasting { 0 } else { notes.asked };
        let here = path.bytes().fold(plan.seed, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte));
        let mut dice = Dice(here ^ (turn << 40));
        dice.roll(2);
        let mut markup = Markup::read(&html);
        for kind in &plan.kinds {
            markup.change(*kind, &mut dice, &self.tenant);
        }
        if notes.seen.len() < 64 {
            notes.seen.insert(format!("{host}{path}"));
        }
        markup.write()
    }
}
