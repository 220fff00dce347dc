//! The places, each with the name under which a rehearsal sets it off.

/// In which part of the program a point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// At the borders of a step, in the run.
    Step,
    /// At the borders of taking a step back.
    Undo,
    /// At a record of the journal or the ledger.
    Record,
    /// In an effect on the clinic's server.
    Server,
    /// In an effect on the management site.
    Site,
    /// In a file.
    File,
    /// In a mail.
    Mail,
}

impl Place {
    /// Its name, as in JSON and in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Undo => "undo",
            Self::Record => "record",
            Self::Server => "server",
            Self::Site => "site",
            Self::File => "file",
            Self::Mail => "mail",
        }
    }
}

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident = $text:literal in $place:ident,)*) => {
        /// A place at which a fault can be set off.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Point {
            $($(#[$doc])* $name,)*
        }

        impl Point {
            /// Every point, in the order of a run.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as it is written in the variable.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Where it lies.
            pub fn place(self) -> Place {
                match self { $(Self::$name => Place::$place),* }
            }
        }
    };
}

points! {
    /// A step may start; its intent is not written yet.
    BeforeIntent = "before-intent" in Step,
    /// Its intent is durable; nothing was done yet.
    AfterIntent = "after-intent" in Step,
    /// All of its effect is done; the run does not know yet.
    AfterEffect = "after-effect" in Step,
    /// The run knows how it ended; the outcome is not written yet.
    BeforeOutcome = "before-outcome" in Step,
    /// The outcome is durable.
    AfterOutcome = "after-outcome" in Step,
    /// Looking proved what became of a step in doubt; that is not written yet.
    Proved = "proved" in Step,

    /// A step is to be taken back; that is not written yet.
    UndoBeforeIntent = "undo-before-intent" in Undo,
    /// It is written that a step is taken back; nothing was done yet.
    UndoAfterIntent = "undo-after-intent" in Undo,
    /// The step is taken back; that is not written yet.
    UndoAfterEffect = "undo-after-effect" in Undo,
    /// It is written that the step is taken back.
    UndoAfterOutcome = "undo-after-outcome" in Undo,

    /// A record of a run is about to be written.
    JournalBefore = "journal-before" in Record,
    /// A record of a run is durable; nobody was told yet.
    JournalAfter = "journal-after" in Record,
    /// A record of the ledger is about to be written.
    LedgerBefore = "ledger-before" in Record,
    /// A record of the ledger is durable; nobody was told yet.
    LedgerAfter = "ledger-after" in Record,

    /// `pg_dump` has been started.
    DumpStarted = "dump-started" in Server,
    /// Part of the dump has been read.
    DumpMidstream = "dump-midstream" in Server,
    /// The database beside the clinic's is made; its number is not in the journal yet.
    DatabaseMade = "database-made" in Server,
    /// Its number is in the journal; it has the name it was made under.
    DatabaseRegistered = "database-registered" in Server,
    /// It has its own name and is empty.
    DatabaseNamed = "database-named" in Server,
    /// Part of the archive was restored into it.
    DatabaseHalfFilled = "database-half-filled" in Server,
    /// All of the archive was restored into it.
    DatabaseFilled = "database-filled" in Server,
    /// It is dropped; that is not in the journal yet.
    DatabaseDropped = "database-dropped" in Server,
    /// The service was told to stop; nobody looked yet whether it did.
    ServiceStopped = "service-stopped" in Server,
    /// The database is read-only for new sessions; older ones are not ended yet.
    FenceReadOnly = "fence-read-only" in Server,
    /// Nobody can connect any more; sessions are not ended yet.
    FenceClosed = "fence-closed" in Server,
    /// Both databases are closed; their names are as before.
    SwapClosed = "swap-closed" in Server,
    /// Both databases have each other's name.
    SwapRenamed = "swap-renamed" in Server,
    /// On the way back: the new database is closed; the names are as they were swapped.
    SwapBackClosed = "swap-back-closed" in Server,
    /// On the way back: the old database has its name again; the new one is still closed.
    SwapBackRenamed = "swap-back-renamed" in Server,
    /// On the way back: the database accepts connections, but new sessions are read-only.
    FenceHalfLifted = "fence-half-lifted" in Server,
    /// On the way back: the database is open.
    FenceLifted = "fence-lifted" in Server,
    /// On the way back: the service was told to start; nobody looked yet whether it did.
    ServiceStarted = "service-started" in Server,

    /// The button for a dump was clicked; its row was not seen yet.
    ExportClicked = "export-clicked" in Site,
    /// The new dump's row was seen; it is not in the journal yet.
    ExportSeen = "export-seen" in Site,
    /// The row is in the journal; the dump is not waited for yet.
    ExportNoted = "export-noted" in Site,
    /// Part of a dump was downloaded.
    DownloadHalf = "download-half" in Site,
    /// A dump was deleted on the site.
    SlotReleased = "slot-released" in Site,
    /// The import's form is filled in; nothing was sent.
    ImportReady = "import-ready" in Site,
    /// The import's request is begun; no byte of the file was handed over.
    ImportBegun = "import-begun" in Site,
    /// Half of the file is sent.
    ImportHalfSent = "import-half-sent" in Site,
    /// The file's last byte was handed over; the request's end was not.
    ImportLastByte = "import-last-byte" in Site,
    /// All of the request is sent; its answer is not read yet.
    ImportSent = "import-sent" in Site,
    /// The head of the answer is read.
    ImportAnswered = "import-answered" in Site,
    /// The page says how the import ended.
    ImportEnded = "import-ended" in Site,

    /// A file is complete and on the disk, under its temporary name.
    FileComplete = "file-complete" in File,
    /// A file has its name; the folder is not synced yet.
    FileRenamed = "file-renamed" in File,
    /// A file whose time was over is removed; that is not in the journal yet.
    FilePurged = "file-purged" in File,

    /// A letter lies in the outbox; the journal does not know it yet.
    MailSpooled = "mail-spooled" in Mail,
    /// The server has taken a letter over; the outbox does not know yet.
    MailTaken = "mail-taken" in Mail,
    /// The outbox knows; the letter lies among those to be sent.
    MailSettled = "mail-settled" in Mail,
}

impl Point {
    /// The point of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|point| point.name() == name)
    }
}
