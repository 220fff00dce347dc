//! Every place where patient data will lie.

use super::Content;
use crate::clock::Jst;
use crate::plan::{DataPlace, PlaceContents, PlaceKind};
use crate::t;

/// A place.
pub(in crate::report) struct DataRow {
    /// The sort of place.
    pub(in crate::report) kind: String,
    pub(in crate::report) place: String,
    pub(in crate::report) contents: String,
    /// The step that puts it there.
    pub(in crate::report) step: String,
    pub(in crate::report) purge_at: Option<Jst>,
    /// Until when, in words.
    pub(in crate::report) until: String,
}

impl Content<'_> {
    pub(in crate::report) fn data(&self) -> Vec<DataRow> {
        self.plan.places.iter().map(|place| self.place(place)).collect()
    }

    fn place(&self, place: &DataPlace) -> DataRow {
        let w = self.w;
        let kind = match place.kind {
            PlaceKind::WorkFolder => "report-place-work-folder",
            PlaceKind::Server => "report-place-server",
            PlaceKind::Tenant => "report-place-tenant",
        };
        let contents = match place.contents {
            PlaceContents::SourceDump => "report-contents-source-dump",
            PlaceContents::SecondDatabase => "report-contents-second-database",
            PlaceContents::CloudCopy => "report-contents-cloud-copy",
            PlaceContents::CloudDump => "report-contents-cloud-dump",
            PlaceContents::TenantData => "report-contents-tenant-data",
            PlaceContents::ImportLog => "report-contents-import-log",
        };
        let step = self.phases().into_iter().flat_map(|phase| phase.steps);
        let step = step
            .filter(|row| row.step.id == place.step)
            .map(|row| format!("{} {}", row.number, row.title))
            .next();
        DataRow {
            kind: w.say(kind),
            place: place.place.clone(),
            contents: w.say(contents),
            step: step.unwrap_or_else(|| place.step.to_string()),
            purge_at: place.purge_at,
            until: self.until(place),
        }
    }

    fn until(&self, place: &DataPlace) -> String {
        let w = self.w;
        if let Some(at) = place.purge_at.as_ref().filter(|_| place.encrypted) {
            return t!(w.lang, "report-until-encrypted", at = w.minute(at));
        }
        if let Some(at) = &place.purge_at {
            return t!(w.lang, "report-until-purged", at = w.minute(at));
        }
        let is_final =
            self.plan.steps().any(|step| step.id == place.step && step.is_production_import);
        w.say(match place.contents {
            PlaceContents::TenantData if is_final => "report-until-kept",
            PlaceContents::TenantData => "report-until-overwritten",
            _ => "report-until-by-hand",
        })
    }
}
