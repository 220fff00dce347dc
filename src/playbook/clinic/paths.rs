//! The paths of a clinic file.

use std::path::{Path, PathBuf};

use crate::playbook::Clinic;
use crate::secret::SecretRef;

/// Makes every relative path relative to `base`, the clinic file's folder.
pub fn resolve_paths(clinic: &mut Clinic, base: &Path) {
    for_each(clinic, |path| {
        // `join` leaves absolute paths as they are.
        *path = base.join(&*path);
    });
}

/// Calls `change` with every path of the clinic file. Commands of the service are words for the
/// operating system, not paths.
pub(super) fn for_each(clinic: &mut Clinic, mut change: impl FnMut(&mut PathBuf)) {
    let Clinic {
        source,
        portal,
        mail,
        characters,
        calendar,
        rehearsals,
        work_dir,
        journal,
        rehearsal_clock,
        ..
    } = clinic;
    let secret = |secret: &mut SecretRef, change: &mut dyn FnMut(&mut PathBuf)| {
        secret.file.iter_mut().for_each(change);
    };
    source.socket_dir.iter_mut().for_each(&mut change);
    source.program_dir.iter_mut().for_each(&mut change);
    source.data_dir.iter_mut().for_each(&mut change);
    change(&mut portal.ca);
    change(&mut portal.client_p12);
    secret(&mut portal.client_pass, &mut change);
    secret(&mut portal.login_id, &mut change);
    secret(&mut portal.login_password, &mut change);
    portal.profile.iter_mut().for_each(&mut change);
    mail.ca.iter_mut().for_each(&mut change);
    if let Some(password) = &mut mail.password {
        secret(password, &mut change);
    }
    characters.mapping.iter_mut().for_each(&mut change);
    calendar.maintenance.iter_mut().for_each(&mut change);
    for feed in &mut calendar.feeds {
        if feed.is_file() {
            let mut path = PathBuf::from(&feed.ics);
            change(&mut path);
            feed.ics = path.to_string_lossy().into_owned();
        }
        feed.ca.iter_mut().for_each(&mut change);
    }
    rehearsals.iter_mut().for_each(&mut change);
    change(work_dir);
    if let Some(postgres) = journal.as_mut().and_then(|journal| journal.postgres.as_mut()) {
        postgres.socket_dir.iter_mut().for_each(&mut change);
        postgres.ca.iter_mut().for_each(&mut change);
        if let Some(password) = &mut postgres.password {
            secret(password, &mut change);
        }
    }
    rehearsal_clock.iter_mut().for_each(&mut change);
}
