//! In which folder the server keeps its data, how much the database takes, how much room is left.
//!
//! The owner of a database may not ask the server for `data_directory`. The server's process says
//! it to everybody on the machine, in its command line, and the session knows its process.

use std::path::{Path, PathBuf};

use super::psql::{query, query_one};
use super::{SourceConfig, SourceError, disk, fence};

/// `psql` tells its session's process number to a shell while that session lives; its parent is
/// the server, whose words are given one to a line. `\\gset` and `\\setenv` are known since 9.3.
const ASK: &str = "SELECT pg_backend_pid() AS pid \\gset\n\\setenv BACKEND :pid\n\
    \\! read -r stat < /proc/$BACKEND/stat && set -- ${stat##*) } && tr '\\0' '\\n' < /proc/$2/cmdline\n";

/// The folder of the server's data.
///
/// # Errors
/// When the server cannot be reached, or neither the configuration nor its process names it.
pub fn data_dir(config: &SourceConfig) -> Result<PathBuf, SourceError> {
    if let Some(folder) = &config.data_dir {
        return Ok(folder.clone());
    }
    let words: Vec<String> = query(&fence::maintenance(config)?, ASK)?
        .into_iter()
        .map(|row| row.into_iter().next().unwrap_or_default())
        .collect();
    from_command_line(&words).ok_or(SourceError::DataFolderUnknown)
}

/// `-D FOLDER` of a server's words, and of no other program's.
fn from_command_line(words: &[String]) -> Option<PathBuf> {
    let program = Path::new(words.first()?).file_name()?.to_str()?;
    if !matches!(program, "postgres" | "postmaster") {
        return None;
    }
    let at = words.iter().position(|word| word.starts_with("-D"))?;
    let folder = match words.get(at)?.strip_prefix("-D")? {
        "" => words.get(at.checked_add(1)?)?,
        attached => attached,
    };
    let folder = PathBuf::from(folder);
    folder.is_absolute().then_some(folder)
}

/// Bytes that the database takes on the server's disk.
///
/// # Errors
/// When the server cannot be reached, or its answer is no number.
pub fn database_bytes(config: &SourceConfig) -> Result<u64, SourceError> {
    let question = "the database's size";
    let bytes = query_one(config, question, "SELECT pg_database_size(current_database());")?;
    bytes.trim().parse().map_err(|_| SourceError::AnswerUnexpected { question })
}

/// Bytes that are free where the server keeps its data.
///
/// # Errors
/// As [`data_dir`]; also where the folder's file system does not answer.
pub fn free_bytes(config: &SourceConfig) -> Result<u64, SourceError> {
    disk::free_bytes(&data_dir(config)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str]) -> Option<PathBuf> {
        from_command_line(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_a_servers_own_words_name_the_folder() {
        let debian = [
            "/usr/lib/postgresql/14/bin/postgres",
            "-D",
            "/var/lib/postgresql/14/main",
            "-c",
            "config_file=/etc/postgresql/14/main/postgresql.conf",
        ];
        assert_eq!(found(&debian), Some("/var/lib/postgresql/14/main".into()));
        assert_eq!(found(&["/opt/postmaster", "-D/data"]), Some("/data".into()));
        assert_eq!(found(&["postgres", "-D", "data"]), None);
        assert_eq!(found(&["postgres", "-D"]), None);
        assert_eq!(found(&["postgres"]), None);
        assert_eq!(found(&["containerd-shim", "-D", "/data"]), None);
        assert_eq!(found(&[]), None);
    }
}
