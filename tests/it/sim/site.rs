//! The management site: a tenant, its dumps, and imports that take time.

use super::fault::Rng;
use super::world::{Content, Inner};
use crate::judge::{Landed, When};

/// The manual: at most five dumps.
pub(crate) const MAX_DUMPS: usize = 5;

/// A dump on the site.
#[derive(Clone, Debug)]
pub(crate) struct Dump {
    pub(crate) id: u64,
    pub(crate) sha256: String,
    /// True where the program made it.
    pub(crate) by_tool: bool,
    /// When it reads the tenant, and when it is done.
    begins: i64,
    pub(crate) ready: i64,
    pub(crate) fails: bool,
    pub(crate) content: Option<Content>,
}

/// An import on the site. The program's stand in the twin's record, too.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) ends: i64,
    /// What the tenant holds afterwards.
    pub(crate) leaves: Content,
    pub(crate) lands: bool,
    /// Its place in the twin's record.
    pub(crate) record: Option<usize>,
    pub(crate) over: bool,
}

/// The management site.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) tenant: Content,
    pub(crate) dumps: Vec<Dump>,
    pub(crate) imports: Vec<Import>,
    last_dump: u64,
}

impl Site {
    pub(crate) fn beginning(rng: &mut Rng) -> Self {
        let tenant = Content { rows: 0, whole: true, foreign: 1 };
        let mut site = Self { tenant, dumps: Vec::new(), imports: Vec::new(), last_dump: 0 };
        for _ in 0..rng.below(2) {
            site.begin_dump(0, 0, String::from("old"), false, false);
        }
        site
    }

    /// Asks for a dump; nothing where all places are taken.
    pub(crate) fn begin_dump(
        &mut self,
        now: i64,
        length: i64,
        sha256: String,
        by_tool: bool,
        fails: bool,
    ) -> Option<u64> {
        if self.dumps.len() >= MAX_DUMPS {
            return None;
        }
        self.last_dump += 1;
        let id = self.last_dump;
        // It waits for the database as long as an import has it.
        let begins = self.imports.iter().map(|import| import.ends).max().unwrap_or(0).max(now);
        let ready = begins + length;
        self.dumps.push(Dump { id, sha256, by_tool, begins, ready, fails, content: None });
        Some(id)
    }

    pub(crate) fn dump(&self, id: u64) -> Option<&Dump> {
        self.dumps.iter().find(|dump| dump.id == id)
    }

    pub(crate) fn is_importing(&self) -> bool {
        self.imports.iter().any(|import| !import.over)
    }
}

impl Inner {
    /// Lets happen what went on by itself until now.
    pub(crate) fn settle_site(&mut self, passed: i64, wall: i64) {
        for place in 0..self.site.imports.len() {
            let import = self.site.imports[place].clone();
            self.read_dumps(import.ends.min(passed));
            if import.over || import.ends > passed {
                continue;
            }
            self.site.imports[place].over = true;
            self.site.tenant = import.leaves;
            if let Some(record) = import.record {
                let order = Some(self.tick());
                let record = &mut self.twin.imports[record];
                record.ended = Some(When { millis: wall, order });
                record.landed = if import.lands { Landed::Yes } else { Landed::No };
            }
        }
        self.read_dumps(passed);
    }

    fn read_dumps(&mut self, upto: i64) {
        for dump in &mut self.site.dumps {
            if dump.content.is_none() && dump.begins < upto {
                dump.content = Some(self.site.tenant.clone());
            }
        }
    }
}
