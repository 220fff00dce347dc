//! What can go wrong on the clinic's server, told apart by what a person has to do about it.

use std::path::PathBuf;

use thiserror::Error;

use crate::diag::{Explain, Fact, Kind, Redacted, redact};
use crate::fault::Injected;

/// A failure on the clinic's server.
#[derive(Debug, Error)]
pub enum SourceError {
    /// `sudo` wants a password for this user.
    #[error("sudo asks for a password to become {user}")]
    SudoPassword {
        /// The user to become.
        user: String,
    },
    /// `sudo` forbids this program.
    #[error("sudo does not allow {program} as {user}")]
    SudoRefused {
        /// The user to become.
        user: String,
        /// The program.
        program: String,
    },
    /// The OS user does not exist.
    #[error("no OS user {user}")]
    UserUnknown {
        /// The user.
        user: String,
    },
    /// A program is not installed or not where the clinic file says.
    #[error("{program} not found")]
    ProgramMissing {
        /// The program.
        program: String,
    },
    /// A command of the clinic file is empty.
    #[error("the command for {purpose} is empty")]
    CommandEmpty {
        /// `stop`, `start` or `status`.
        purpose: &'static str,
    },
    /// No server listens at the socket.
    #[error("no PostgreSQL server at {place}")]
    ServerUnreachable {
        /// The socket.
        place: String,
    },
    /// The server does not accept this user.
    #[error("the server does not accept {user}")]
    LoginRefused {
        /// The user.
        user: String,
    },
    /// The database does not exist.
    #[error("no database {database}")]
    DatabaseMissing {
        /// The database.
        database: String,
    },
    /// The database accepts no connections: it is fenced.
    #[error("database {database} accepts no connections")]
    DatabaseClosed {
        /// The database.
        database: String,
    },
    /// The server's disk is full.
    #[error("{program}: no space left on the server's disk")]
    DiskFull {
        /// The program that met it.
        program: String,
    },
    /// `pg_dump` is older than the server.
    #[error("pg_dump is older than the server")]
    PgDumpTooOld {
        /// What `pg_dump` said.
        stderr: Redacted,
    },
    /// A program failed in another way.
    #[error("{program} failed with {status}: {stderr}")]
    Failed {
        /// The program.
        program: String,
        /// Its exit status, `1` or `signal 9`.
        status: String,
        /// What it said, redacted.
        stderr: Redacted,
    },
    /// Nobody tells where the server keeps its data.
    #[error("the folder of the server's data is not known")]
    DataFolderUnknown,
    /// A database that is to be renamed or dropped is not the one that was made.
    #[error("{database} is not the database that was made")]
    OtherDatabase {
        /// Its name.
        database: String,
    },
    /// A program took too long and was ended.
    #[error("{program} took longer than {seconds} s")]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// `pg_dump` gave nothing for too long and was ended.
    #[error("pg_dump gave no byte for {seconds} s")]
    DumpIdle {
        /// The limit.
        seconds: u64,
    },
    /// A program wrote more than any honest answer holds.
    #[error("{program} wrote more than {limit} bytes")]
    OutputTooLarge {
        /// The program.
        program: String,
        /// The limit.
        limit: usize,
    },
    /// A program's answer is not what it should be.
    #[error("unexpected answer to {question}")]
    AnswerUnexpected {
        /// What was asked; never the answer.
        question: &'static str,
    },
    /// Sessions are left that this user may not end.
    #[error("{count} sessions are left in {database}")]
    SessionsLeft {
        /// The database.
        database: String,
        /// How many.
        count: u64,
        /// Their roles.
        roles: String,
    },
    /// The service still runs after it was stopped.
    #[error("the service still runs {seconds} s after its stop")]
    ServiceStillRunning {
        /// How long was waited.
        seconds: u64,
    },
    /// The service does not run after it was started.
    #[error("the service does not run {seconds} s after its start")]
    ServiceNotRunning {
        /// How long was waited.
        seconds: u64,
    },
    /// The status command says neither that the service runs nor that it does not.
    #[error("service status unknown: {program} ended with {status}")]
    ServiceStatusUnknown {
        /// The program.
        program: String,
        /// Its exit status.
        status: String,
    },
    /// The operating system refuses something.
    #[error("{doing}: {reason}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// The operating system's reason.
        reason: String,
    },
    /// A folder cannot be examined.
    #[error("{path}: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's reason.
        reason: String,
    },
}

/// What a program was run for: the names its failure is told with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    pub(crate) program: String,
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) place: String,
}

impl From<Injected> for SourceError {
    fn from(injected: Injected) -> Self {
        Self::System { doing: injected.point.name(), reason: injected.to_string() }
    }
}

impl SourceError {
    pub(crate) fn system(doing: &'static str, error: &std::io::Error) -> Self {
        Self::System { doing, reason: error.kind().to_string() }
    }

    /// Reads a failed program's stderr. The order matters: `sudo` speaks before the program.
    pub(crate) fn classify(subject: &Subject, status: String, stderr: &str) -> Self {
        Self::of_sudo(subject, stderr)
            .or_else(|| Self::of_postgres(subject, stderr))
            .unwrap_or_else(|| Self::Failed {
                program: subject.program.clone(),
                status,
                stderr: redact::postgres_text(stderr),
            })
    }

    /// What only `sudo` itself says. Its messages are English, since `LC_ALL` is `C`.
    pub(crate) fn of_sudo(subject: &Subject, stderr: &str) -> Option<Self> {
        let said = |needle: &str| {
            stderr.lines().any(|line| line.starts_with("sudo: ") && line.contains(needle))
        };
        if said("password is required") || said("terminal is required") {
            return Some(Self::SudoPassword { user: subject.user.clone() });
        }
        if said("unknown user") {
            return Some(Self::UserUnknown { user: subject.user.clone() });
        }
        if said("command not found") {
            return Some(Self::ProgramMissing { program: subject.program.clone() });
        }
        let refusals = ["is not allowed to", "may not run sudo", "is not in the sudoers file"];
        refusals.iter().any(|needle| stderr.contains(needle)).then(|| Self::SudoRefused {
            user: subject.user.clone(),
            program: subject.program.clone(),
        })
    }

    /// What the programs and the server say. The server speaks the language of its own
    /// `lc_messages`, so the Japanese messages are known too.
    fn of_postgres(subject: &Subject, stderr: &str) -> Option<Self> {
        let said = |needles: &[&str]| needles.iter().any(|needle| stderr.contains(needle));
        let database = || subject.database.clone();
        if said(&["No space left on device", "could not extend file", "空き領域がありません"])
        {
            return Some(Self::DiskFull { program: subject.program.clone() });
        }
        if said(&["aborting because of server version mismatch"]) {
            return Some(Self::PgDumpTooOld { stderr: redact::postgres_text(stderr) });
        }
        if said(&[
            "not currently accepting connections",
            "現在接続を受け付けていません",
            "too many connections for database",
        ]) {
            return Some(Self::DatabaseClosed { database: database() });
        }
        if said(&[
            "Peer authentication failed",
            "authentication failed for user",
            "no pg_hba.conf entry",
            "no password supplied",
            "認証に失敗しました",
        ]) || (said(&["FATAL"]) && said(&["role \"", "ロール\""]))
        {
            return Some(Self::LoginRefused { user: subject.user.clone() });
        }
        if stderr.contains("FATAL")
            && (said(&["データベース\""]) && said(&["存在しません"])
                || said(&["database \""]) && said(&["does not exist"]))
        {
            return Some(Self::DatabaseMissing { database: database() });
        }
        said(&[
            "Is the server running",
            "could not connect to server",
            "the database system is",
            "server closed the connection unexpectedly",
        ])
        .then(|| Self::ServerUnreachable { place: subject.place.clone() })
    }
}

impl Explain for SourceError {
    fn code(&self) -> &'static str {
        match self {
            Self::SudoPassword { .. } => "source-sudo-password",
            Self::SudoRefused { .. } => "source-sudo-refused",
            Self::UserUnknown { .. } => "source-user-unknown",
            Self::ProgramMissing { .. } => "source-program-missing",
            Self::CommandEmpty { .. } => "source-command-empty",
            Self::ServerUnreachable { .. } => "source-server-unreachable",
            Self::LoginRefused { .. } => "source-login-refused",
            Self::DatabaseMissing { .. } => "source-database-missing",
            Self::DatabaseClosed { .. } => "source-database-closed",
            Self::DiskFull { .. } => "source-disk-full",
            Self::PgDumpTooOld { .. } => "source-pg-dump-too-old",
            Self::Failed { .. } => "source-program-failed",
            Self::DataFolderUnknown => "source-data-folder-unknown",
            Self::OtherDatabase { .. } => "source-other-database",
            Self::TimedOut { .. } => "source-timed-out",
            Self::DumpIdle { .. } => "source-dump-idle",
            Self::OutputTooLarge { .. } => "source-output-too-large",
            Self::AnswerUnexpected { .. } => "source-answer-unexpected",
            Self::SessionsLeft { .. } => "source-sessions-left",
            Self::ServiceStillRunning { .. } => "source-service-still-running",
            Self::ServiceNotRunning { .. } => "source-service-not-running",
            Self::ServiceStatusUnknown { .. } => "source-service-status-unknown",
            Self::System { .. } => "source-system-refused",
            Self::Folder { .. } => "source-folder-unreadable",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::CommandEmpty { .. } => Kind::Input,
            Self::Failed { .. }
            | Self::TimedOut { .. }
            | Self::DumpIdle { .. }
            | Self::OutputTooLarge { .. }
            | Self::AnswerUnexpected { .. }
            | Self::SessionsLeft { .. }
            | Self::OtherDatabase { .. }
            | Self::ServiceStillRunning { .. }
            | Self::ServiceNotRunning { .. }
            | Self::ServiceStatusUnknown { .. } => Kind::StepFailed,
            _ => Kind::Environment,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        match self {
            Self::SudoPassword { user }
            | Self::UserUnknown { user }
            | Self::LoginRefused { user } => vec![Fact::local("user", user)],
            Self::SudoRefused { user, program } => {
                vec![Fact::local("user", user), Fact::local("program", program)]
            }
            Self::ProgramMissing { program } | Self::DiskFull { program } => {
                vec![Fact::local("program", program)]
            }
            Self::CommandEmpty { purpose } => vec![Fact::open("purpose", purpose)],
            Self::ServerUnreachable { place } => vec![Fact::local("place", place)],
            Self::DatabaseMissing { database }
            | Self::DatabaseClosed { database }
            | Self::OtherDatabase { database } => {
                vec![Fact::local("database", database)]
            }
            Self::PgDumpTooOld { .. } | Self::DataFolderUnknown => Vec::new(),
            Self::Failed { program, status, .. }
            | Self::ServiceStatusUnknown { program, status } => {
                vec![Fact::local("program", program), Fact::open("status", status)]
            }
            Self::TimedOut { program, seconds } => {
                vec![Fact::local("program", program), Fact::open("seconds", seconds)]
            }
            Self::DumpIdle { seconds }
            | Self::ServiceStillRunning { seconds }
            | Self::ServiceNotRunning { seconds } => vec![Fact::open("seconds", seconds)],
            Self::OutputTooLarge { program, limit } => {
                vec![Fact::local("program", program), Fact::open("limit", limit)]
            }
            Self::AnswerUnexpected { question } => vec![Fact::open("question", question)],
            Self::SessionsLeft { database, count, roles } => vec![
                Fact::local("database", database),
                Fact::open("count", count),
                Fact::local("roles", roles),
            ],
            Self::System { doing, reason } => {
                vec![Fact::open("doing", doing), Fact::open("reason", reason)]
            }
            Self::Folder { path, reason } => {
                vec![Fact::local("path", path.display()), Fact::open("reason", reason)]
            }
        }
    }

    fn detail(&self) -> Option<Redacted> {
        match self {
            Self::Failed { stderr, .. } | Self::PgDumpTooOld { stderr } => Some(stderr.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(stderr: &str) -> &'static str {
        let subject = Subject { program: "pg_dump".into(), ..Subject::default() };
        SourceError::classify(&subject, "1".into(), stderr).code()
    }

    #[test]
    fn stderr_is_told_apart() {
        let table = [
            ("sudo: a password is required\n", "source-sudo-password"),
            (
                "sudo: unknown user orca\nsudo: error initializing audit plugin",
                "source-user-unknown",
            ),
            ("sudo: pg_dump: command not found\n", "source-program-missing"),
            (
                "Sorry, user v is not allowed to execute '/bin/x' as orca on h.",
                "source-sudo-refused",
            ),
            (
                "pg_dump: error: connection to server on socket \"/s/.s.PGSQL.1\" failed: No such \
                 file or directory\n\tIs the server running locally and accepting connections on \
                 that socket?",
                "source-server-unreachable",
            ),
            ("psql: FATAL:  Peer authentication failed for user \"orca\"", "source-login-refused"),
            ("FATAL:  role \"orca\" does not exist", "source-login-refused"),
            ("psql: error: FATAL:  database \"orca\" does not exist", "source-database-missing"),
            ("FATAL:  データベース\"orca\"は存在しません", "source-database-missing"),
            (
                "FATAL:  database \"orca\" is not currently accepting connections",
                "source-database-closed",
            ),
            ("pg_dump: error: could not write: No space left on device", "source-disk-full"),
            ("ERROR:  invalid byte sequence for encoding \"EUC_JP\"", "source-program-failed"),
            // A table's own text must not be taken for sudo's voice.
            ("ERROR:  relation \"a password is required\" does not exist", "source-program-failed"),
        ];
        for (stderr, expected) in table {
            assert_eq!(code(stderr), expected, "{stderr}");
        }
    }
}
