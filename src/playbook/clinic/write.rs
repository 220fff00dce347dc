//! Writes a clinic file that reads again as the same values.

use std::path::PathBuf;

use super::paths;
use crate::playbook::Clinic;

impl Clinic {
    /// The clinic file for these values. A path that is no Unicode is written as near as can be.
    pub fn to_yaml(&self) -> String {
        let mut clinic = self.clone();
        paths::for_each(&mut clinic, |path| {
            *path = PathBuf::from(path.to_string_lossy().into_owned());
        });
        serde_yaml::to_string(&clinic)
            .expect("texts, numbers, lists and Unicode paths can always be written as YAML")
    }
}
