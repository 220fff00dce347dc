//! Making, awaiting, fetching and removing one dump of the tenant.
//!
//! Touches no dump but the one it made: a row is ours by its identity, never by its age.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::contract::{self, Visit};
use super::dumps::{self, DumpRow, DumpState};
use super::http::Outgoing;
use super::page::Miss;
use super::profile::Label;
use super::session::{Pauses, Session};
use super::target::{self, Change};
use super::transfer::{self, Downloaded};
use super::{PortalError, names};
use crate::disk::Reserve;
use crate::fault::{self, Point};
use crate::progress::Progress;

impl Session {
    /// The dumps in the list now.
    ///
    /// # Errors
    /// When the list cannot be reached or is not understood.
    pub async fn dumps(&mut self) -> Result<Vec<DumpRow>, PortalError> {
        let visit = self.dump_list().await?;
        self.rows(&visit)
    }

    /// The one dump that has come into the list since `before`; `None` where there is none, or
    /// more than one.
    ///
    /// # Errors
    /// When the list cannot be reached or is not understood.
    pub async fn one_since(&mut self, before: &[DumpRow]) -> Result<Option<DumpRow>, PortalError> {
        let fresh = dumps::new_rows(before, &self.dumps().await?);
        Ok(match fresh.as_slice() {
            [one] => Some(one.clone().apart_from(before)),
            _ => None,
        })
    }

    /// Starts a dump and returns its row: the one new row between before and after the click.
    ///
    /// # Errors
    /// When no slot is free, or the page is not understood (nothing was clicked then), or there
    /// is not exactly one new row after the click.
    pub async fn export_start(&mut self) -> Result<DumpRow, PortalError> {
        let step = "export";
        let visit = self.dump_list().await?;
        let before = self.rows(&visit)?;
        let limit = self.config.profile.dumps().limit;
        if u32::try_from(before.len()).unwrap_or(u32::MAX) >= limit {
            return Err(PortalError::SlotsFull { used: before.len() });
        }
        let profile = &self.config.profile;
        let label = Label::DumpButton;
        let control = visit
            .page
            .control(profile.label(label))
            .map_err(|miss| contract::missed(step, profile, label, miss, &visit.page))?;
        contract::check_confirm(step, control.confirm.as_deref(), &profile.confirm().dump_start)?;
        let outgoing = self.browser.click(step, &visit, control)?;
        if outgoing.body.is_none() {
            // A dump is a change; a plain link of this name leads somewhere else.
            return Err(contract::missed(step, profile, label, Miss::None, &visit.page));
        }
        self.prove_target(Change::DumpStart, &outgoing)?;
        let answer = self.browser.open(step, outgoing).await?;
        fault::reach(Point::ExportClicked).await?;
        if answer.status == 422 && self.says_full(&answer) {
            return Err(PortalError::SlotsFull { used: before.len() });
        }
        contract::refuse_foreign(&answer, &self.config.profile, step)?;
        self.one_new_row(&before).await
    }

    async fn one_new_row(&mut self, before: &[DumpRow]) -> Result<DumpRow, PortalError> {
        let started = Instant::now();
        let mut pauses = Pauses::new(&self.limits);
        loop {
            let visit = self.dump_list().await?;
            let fresh = dumps::new_rows(before, &self.rows(&visit)?);
            match fresh.as_slice() {
                [one] => return Ok(one.clone().apart_from(before)),
                [] if started.elapsed() < self.limits.row_appears => pauses.pause().await,
                [] if self.says_full(&visit) => {
                    return Err(PortalError::SlotsFull { used: before.len() });
                }
                several => return Err(PortalError::DumpNotOne { count: several.len() }),
            }
        }
    }

    fn says_full(&self, visit: &Visit) -> bool {
        let words = &self.config.profile.dumps().full;
        visit.page.blocks.iter().any(|text| names::contains_any(text, words))
    }

    /// Waits until the dump is done.
    ///
    /// # Errors
    /// When the site says that it failed, when the row is gone, or when it has not reached the
    /// known end by the deadline; the error then holds the state's literal text.
    pub async fn export_wait(
        &mut self,
        row: &DumpRow,
        deadline: Duration,
    ) -> Result<(), PortalError> {
        let started = Instant::now();
        let mut pauses = Pauses::new(&self.limits);
        loop {
            let visit = self.dump_list().await?;
            let dumps = dumps::read(&visit, &self.config.profile)?;
            let (now, _) = dumps::find(&dumps, row)?;
            let state = now.state.clone();
            match now.meaning(self.config.profile.dumps()) {
                DumpState::Done => return Ok(()),
                DumpState::Failed => return Err(PortalError::DumpFailed { state }),
                DumpState::Other if started.elapsed() >= deadline => {
                    return Err(PortalError::DumpStateUnknown { state, secs: deadline.as_secs() });
                }
                DumpState::Other => pauses.pause().await,
            }
        }
    }

    /// Fetches the dump into `dest`: first beside it as `.part`, and under its name only when
    /// every byte is on the disk. A file of that name is replaced. `reserve` stops it before the
    /// disk is full.
    ///
    /// # Errors
    /// When the dump is not done, or the transfer stands still, is short, or is no archive.
    pub async fn download(
        &mut self,
        row: &DumpRow,
        dest: &Path,
        progress: &Progress,
        reserve: Option<Reserve>,
    ) -> Result<Downloaded, PortalError> {
        let step = "download";
        let visit = self.dump_list().await?;
        let profile = self.config.profile.clone();
        let dumps = dumps::read(&visit, &profile)?;
        let (now, place) = dumps::find(&dumps, row)?;
        if now.meaning(profile.dumps()) != DumpState::Done {
            return Err(PortalError::DumpStateUnknown { state: now.state.clone(), secs: 0 });
        }
        let label = Label::DumpDownload;
        let lacks = |miss| contract::missed(step, &profile, label, miss, &visit.page);
        let control = visit.page.control_in(place, profile.label(label)).map_err(lacks)?;
        dumps::one_number(&visit.page, place).map_err(lacks)?;
        let outgoing = self.browser.click(step, &visit, control)?;
        if outgoing.body.is_some() {
            return Err(lacks(Miss::None));
        }
        let (url, response) = self.browser.fetch(step, outgoing).await?;
        if !response.status().is_success() || transfer::is_page(&response) {
            let page = self.browser.read_page(step, url, response).await?;
            contract::refuse_foreign(&page, &profile, step)?;
            return Err(PortalError::NotArchive);
        }
        let host = url.host_str().unwrap_or_default();
        transfer::save(host, response, dest, progress, self.limits.idle, reserve).await
    }

    /// Deletes this dump, and no other.
    ///
    /// # Errors
    /// When the row is not there exactly once, its confirmation is not the deletion's, or the
    /// list afterwards is not the old one less this row.
    pub async fn delete_dump(&mut self, row: &DumpRow) -> Result<(), PortalError> {
        let step = "delete";
        let visit = self.dump_list().await?;
        let profile = self.config.profile.clone();
        let dumps = dumps::read(&visit, &profile)?;
        let (_, place) = dumps::find(&dumps, row)?;
        let label = Label::DumpDelete;
        let lacks = |miss| contract::missed(step, &profile, label, miss, &visit.page);
        let control = visit.page.control_in(place, profile.label(label)).map_err(lacks)?;
        let number = dumps::one_number(&visit.page, place).map_err(lacks)?;
        let number = number.ok_or_else(|| lacks(Miss::None))?;
        contract::check_confirm(step, control.confirm.as_deref(), &profile.confirm().dump_delete)?;
        let outgoing = self.browser.click(step, &visit, control)?;
        if outgoing.body.is_none() {
            return Err(lacks(Miss::None));
        }
        self.prove_target(Change::DumpDelete(&number), &outgoing)?;
        let before: Vec<DumpRow> = dumps.iter().map(|(row, _)| row.clone()).collect();
        let answer = self.browser.open(step, outgoing).await?;
        contract::refuse_foreign(&answer, &profile, step)?;
        self.gone_alone(&before, row).await
    }

    fn prove_target(&self, change: Change<'_>, outgoing: &Outgoing) -> Result<(), PortalError> {
        let pairs = outgoing.body.iter().flatten();
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
        target::prove(change, &outgoing.url, pairs, &self.config.profile, &self.tenant)
    }

    async fn gone_alone(&mut self, before: &[DumpRow], row: &DumpRow) -> Result<(), PortalError> {
        let started = Instant::now();
        let mut pauses = Pauses::new(&self.limits);
        loop {
            let after = self.dumps().await?;
            let ours = after.iter().filter(|known| known.is(row)).count();
            let others =
                dumps::new_rows(&after, before).iter().filter(|missing| !missing.is(row)).count();
            if ours == 0 && others == 0 {
                return Ok(());
            }
            if others > 0 || started.elapsed() >= self.limits.row_appears {
                return Err(PortalError::DeleteSurprise { ours, others });
            }
            pauses.pause().await;
        }
    }

    pub(crate) fn rows(&self, visit: &Visit) -> Result<Vec<DumpRow>, PortalError> {
        let dumps = dumps::read(visit, &self.config.profile)?;
        Ok(dumps.into_iter().map(|(row, _)| row).collect())
    }
}
