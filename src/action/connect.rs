//! The clinic file's values in the words of each room.

use std::path::Path;
use std::str::FromStr;

use url::Url;

use crate::charset::{Mapping, Policy};
use crate::clock::Clock;
use crate::diag::{Fact, Kind, Problem};
use crate::playbook::Clinic;
use crate::portal::{PortalConfig, ProbeReport, Profile};
use crate::source::{ServiceCommands, SourceConfig};

/// Largest text file that a person writes for us, bytes.
const MAX_TEXT_BYTES: u64 = 1024 * 1024;

pub(super) fn source(clinic: &Clinic) -> SourceConfig {
    let source = &clinic.source;
    SourceConfig {
        os_user: source.os_user.clone(),
        database: source.database.clone(),
        socket_dir: source.socket_dir.clone(),
        port: source.port,
        program_dir: source.program_dir.clone(),
        data_dir: source.data_dir.clone(),
        service: ServiceCommands {
            stop: source.service.stop.clone(),
            start: source.service.start.clone(),
            status: source.service.status.clone(),
        },
    }
}

/// How the clinic's management site is reached, as the clinic file says.
///
/// # Errors
/// Where an address or the portal profile cannot be read.
pub fn portal(clinic: &Clinic, clock: &Clock) -> Result<PortalConfig, Problem> {
    let portal = &clinic.portal;
    let url = |text: &str| {
        Url::parse(text).map_err(|error| {
            Problem::new("run-bad-url", Kind::Input)
                .with(Fact::local("url", text))
                .with(Fact::local("reason", error))
        })
    };
    Ok(PortalConfig {
        control: url(&portal.control)?,
        auth: url(&portal.auth)?,
        management: url(&portal.management)?,
        resolve: portal.resolve,
        ca: portal.ca.clone(),
        client_p12: portal.client_p12.clone(),
        client_pass: portal.client_pass.clone(),
        login_id: portal.login_id.clone(),
        login_password: portal.login_password.clone(),
        orcamo_id: portal.tenant.orcamo_id.clone(),
        tenant_name: portal.tenant.name.clone(),
        import_version: portal.import_version.clone(),
        profile: profile(clinic)?,
        clock: clock.clone(),
    })
}

fn profile(clinic: &Clinic) -> Result<Profile, Problem> {
    match &clinic.portal.profile {
        Some(path) => Ok(Profile::parse(&read_text(path)?)?),
        None => Ok(Profile::built_in()?),
    }
}

pub(super) fn characters(clinic: &Clinic) -> Result<(Policy, Mapping), Problem> {
    let policy = Policy::from_str(&clinic.characters.policy)?;
    let mapping = match &clinic.characters.mapping {
        Some(path) => Mapping::from_str(&read_text(path)?)?,
        None => Mapping::default(),
    };
    Ok((policy, mapping))
}

/// The largest difference between a host's clock and ours, in either direction, seconds.
pub(super) fn largest_skew_secs(report: &ProbeReport) -> i64 {
    report.clock_skew_secs.values().copied().max_by_key(|skew| skew.abs()).unwrap_or(0)
}

/// Reads a text file that a person wrote; its size is bounded.
///
/// # Errors
/// Where it cannot be read, is not UTF-8, or is larger than such a file can be.
pub fn read_text(path: &Path) -> Result<String, Problem> {
    use std::io::Read;
    let unreadable = |reason: String| {
        Problem::new("run-file-unreadable", Kind::Input)
            .with(Fact::local("path", path.display()))
            .with(Fact::local("reason", reason))
    };
    let file = std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut text = String::new();
    let read = file
        .take(MAX_TEXT_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(error.to_string()))?;
    if read as u64 > MAX_TEXT_BYTES {
        return Err(unreadable(format!("> {MAX_TEXT_BYTES} bytes")));
    }
    Ok(text)
}
