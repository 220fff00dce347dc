//! The portal profile: labels, synonyms and words, as a vendor can mend them the same evening.
//!
//! Values only; [`super::contract`] applies them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PortalError;

/// Largest profile that is read, in bytes: the built-in one has 4 kB.
const MAX_PROFILE_BYTES: usize = 256 * 1024;

/// The version of the profile's form that this program reads.
const FORMAT: u32 = 1;

const BUILT_IN: &str = include_str!("../../playbooks/portal-profile.yaml");

/// Labels, page contracts and words of the management site.
#[derive(Clone, Debug)]
pub struct Profile {
    body: Body,
    sha256: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    format: u32,
    name: String,
    labels: BTreeMap<Label, Vec<String>>,
    pages: BTreeMap<PageKind, Contract>,
    maintenance: Vec<String>,
    refusals: Refusals,
    confirm: Confirms,
    #[serde(default)]
    changes: Changes,
    dumps: DumpWords,
    import: ImportWords,
}

/// What a control, field, heading or column is for, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Label {
    LoginId,
    LoginPassword,
    LoginButton,
    TabTop,
    TabTenant,
    TenantHeading,
    OrcamoId,
    TenantName,
    ManagementLink,
    HospitalName,
    ImportMenu,
    DumpMenu,
    ImportHeading,
    ImportFile,
    ImportButton,
    DumpHeading,
    DumpButton,
    DumpCreated,
    DumpState,
    DumpDownload,
    DumpDelete,
    ImportLog,
}

impl Label {
    const ALL: [Self; 22] = [
        Self::LoginId,
        Self::LoginPassword,
        Self::LoginButton,
        Self::TabTop,
        Self::TabTenant,
        Self::TenantHeading,
        Self::OrcamoId,
        Self::TenantName,
        Self::ManagementLink,
        Self::HospitalName,
        Self::ImportMenu,
        Self::DumpMenu,
        Self::ImportHeading,
        Self::ImportFile,
        Self::ImportButton,
        Self::DumpHeading,
        Self::DumpButton,
        Self::DumpCreated,
        Self::DumpState,
        Self::DumpDownload,
        Self::DumpDelete,
        Self::ImportLog,
    ];
}

/// The pages that the client walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// P1, the control site's first page.
    ControlHome,
    /// P2, テナント詳細.
    TenantDetail,
    /// P3, 日レセ management.
    Management,
    /// P4, データベースのインポート.
    ImportForm,
    /// P5, DBダンプ.
    DumpList,
}

impl PageKind {
    /// All pages, in the order in which they are walked.
    pub const ALL: [Self; 5] =
        [Self::ControlHome, Self::TenantDetail, Self::Management, Self::ImportForm, Self::DumpList];

    /// The page's name as it stands in the profile.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ControlHome => "control_home",
            Self::TenantDetail => "tenant_detail",
            Self::Management => "management",
            Self::ImportForm => "import_form",
            Self::DumpList => "dump_list",
        }
    }
}

/// What must be on a page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Contract {
    pub(crate) path: String,
    pub(crate) headings: Vec<Label>,
    pub(crate) controls: Vec<Label>,
    pub(crate) fields: Vec<Label>,
    pub(crate) facts: Vec<Label>,
}

/// The words of the site's refusals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusals {
    pub(crate) certificate: Vec<String>,
    pub(crate) user: Vec<String>,
    pub(crate) on_premises: Vec<String>,
}

/// What the confirmation of each change must and must not say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirms {
    pub(crate) dump_start: Confirm,
    pub(crate) dump_delete: Confirm,
    pub(crate) import_start: Confirm,
}

/// One confirmation's words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    pub(crate) any: Vec<String>,
    pub(crate) none: Vec<String>,
}

/// Where each change is sent to, as paths. `{id}` is the ORCAMO ID without its leading zeros,
/// `{number}` the dump's number in its row's links.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changes {
    pub(crate) dump_start: String,
    pub(crate) dump_delete: String,
    pub(crate) import_start: String,
}

/// The addresses that go with the pages' own (inferred from how Rails names them).
impl Default for Changes {
    fn default() -> Self {
        Self {
            dump_start: "tenants/{id}/db_dumps".to_owned(),
            dump_delete: "tenants/{id}/db_dumps/{number}".to_owned(),
            import_start: "tenants/{id}/db_imports".to_owned(),
        }
    }
}

/// Words of the dump list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DumpWords {
    pub(crate) limit: u32,
    pub(crate) done: Vec<String>,
    pub(crate) failed: Vec<String>,
    pub(crate) full: Vec<String>,
}

/// Words of the page that shows an import.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportWords {
    pub(crate) completed: Vec<String>,
    pub(crate) running: Vec<String>,
    pub(crate) accepted: Vec<String>,
    pub(crate) failed: Vec<String>,
}

impl Profile {
    /// The profile that is part of the program.
    ///
    /// # Errors
    /// Never in a tested build; the tests read it.
    pub fn built_in() -> Result<Self, PortalError> {
        Self::parse(BUILT_IN)
    }

    /// The text of the profile that is part of the program, to start one's own from.
    pub fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// Reads a profile from a file.
    ///
    /// # Errors
    /// When the file cannot be read or is no profile.
    pub fn load(path: &Path) -> Result<Self, PortalError> {
        let file = |reason: String| PortalError::File { path: path.to_owned(), reason };
        let size = std::fs::metadata(path).map_err(|error| file(error.kind().to_string()))?.len();
        if size > MAX_PROFILE_BYTES as u64 {
            return Err(PortalError::Profile { reason: "too large".to_owned() });
        }
        Self::parse(&std::fs::read_to_string(path).map_err(|error| file(error.kind().to_string()))?)
    }

    /// Reads a profile from YAML.
    ///
    /// # Errors
    /// When it is no profile, or lacks a label or a page.
    pub fn parse(text: &str) -> Result<Self, PortalError> {
        let wrong = |reason: String| PortalError::Profile { reason };
        if text.len() > MAX_PROFILE_BYTES {
            return Err(wrong("too large".to_owned()));
        }
        let body: Body =
            serde_yaml::from_str(text).map_err(|error| wrong(first_line(&error.to_string())))?;
        if body.format != FORMAT {
            return Err(wrong(format!("format {} is not {FORMAT}", body.format)));
        }
        for label in Label::ALL {
            let words = body.labels.get(&label).map(Vec::as_slice).unwrap_or_default();
            if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) {
                return Err(wrong(format!("no word for {label:?}")));
            }
        }
        for page in PageKind::ALL {
            if !body.pages.contains_key(&page) {
                return Err(wrong(format!("no page `{}`", page.as_str())));
            }
        }
        Ok(Self { body, sha256: hex::encode(Sha256::digest(text.as_bytes())) })
    }

    /// Its `name`.
    pub fn name(&self) -> &str {
        &self.body.name
    }

    /// SHA-256 of the profile's bytes, 64 hexadecimal digits; part of what is approved.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub(crate) fn label(&self, label: Label) -> &[String] {
        self.body.labels.get(&label).map(Vec::as_slice).unwrap_or_default()
    }

    /// The word to show for a label: the manual's.
    pub(crate) fn word(&self, label: Label) -> &str {
        self.label(label).first().map(String::as_str).unwrap_or_default()
    }

    pub(crate) fn contract(&self, page: PageKind) -> Contract {
        self.body.pages.get(&page).cloned().unwrap_or_default()
    }

    pub(crate) fn maintenance(&self) -> &[String] {
        &self.body.maintenance
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.body.refusals
    }

    pub(crate) fn confirm(&self) -> &Confirms {
        &self.body.confirm
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.body.changes
    }

    pub(crate) fn dumps(&self) -> &DumpWords {
        &self.body.dumps
    }

    pub(crate) fn import(&self) -> &ImportWords {
        &self.body.import
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_profile_holds_the_manuals_words() {
        let profile = Profile::built_in().unwrap();
        assert_eq!(profile.word(Label::DumpButton), "ダンプ実行");
        assert_eq!(profile.sha256().len(), 64);
    }

    #[test]
    fn a_profile_without_a_label_or_with_a_misspelt_one_is_refused() {
        let without = BUILT_IN.replace("  dump_button: [ダンプ実行]\n", "");
        assert!(matches!(Profile::parse(&without), Err(PortalError::Profile { reason })
            if reason.contains("DumpButton")));
        let misspelt = BUILT_IN.replace("dump_button: [", "dump_buton: [");
        assert!(matches!(Profile::parse(&misspelt), Err(PortalError::Profile { .. })));
        let empty = BUILT_IN.replace("dump_button: [ダンプ実行]", "dump_button: []");
        assert!(matches!(Profile::parse(&empty), Err(PortalError::Profile { .. })));
    }

    #[test]
    fn a_changed_word_changes_the_hash() {
        let changed = BUILT_IN.replace("[DBインポート]", "[DBインポート, データ取込]");
        assert_ne!(
            Profile::parse(&changed).unwrap().sha256(),
            Profile::built_in().unwrap().sha256()
        );
    }
}
