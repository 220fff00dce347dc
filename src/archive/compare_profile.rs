//! What an import changes by design.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Which differences an import makes by design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareProfile {
    /// Tables that the importer empties.
    pub emptied_by_importer: BTreeSet<String>,
    /// Tables that the importer drops.
    pub dropped_by_importer: BTreeSet<String>,
}

impl Default for CompareProfile {
    /// What the vendor's importer does, by its published scripts.
    fn default() -> Self {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            emptied_by_importer: set(&[
                "tbl_para",
                "tbl_lock",
                "tbl_jobkanri",
                "tbl_api_para",
                "tbl_spa_tmp",
                "monbatch",
                "monbatch_log",
                "monbatch_clog",
                "monpushevent",
            ]),
            dropped_by_importer: set(&["aps_migrations", "ap_server_ld_processes"]),
        }
    }
}
