//! References to secrets, and the secrets themselves once they are read.
//!
//! A YAML file holds where a secret lies, never the secret. What is read is wiped on drop and
//! prints as `[REDACTED]`.

use std::fs::File;
use std::path::{Path, PathBuf};

pub use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Largest secret that is read, in bytes: passwords and log-ins are short, and a wrong path must
/// not pull a dump into memory.
const MAX_SECRET_BYTES: usize = 64 * 1024;

/// As many as the kernel follows on one way (path_resolution(7)).
const MAX_LINKS: u32 = 40;

/// Where a secret lies. Exactly one of the three is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRef {
    /// A file that only its owner can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The name of an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The name of a systemd credential (`LoadCredential=`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// Why a secret could not be read. Never holds any part of the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read secret file `{path}`: {kind}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// Other users can read or write the file.
    #[error("secret file `{path}` can be read or written by others (mode {mode:o})")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Other users can put another file in its place.
    #[error(
        "folder `{folder}` on the way to secret file `{path}` can be written by others (mode {mode:o})"
    )]
    Replaceable {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another user owns the file or a folder on the way, and can read it or put another there.
    #[error("`{place}` belongs to user {uid}, who can read or replace secret file `{path}`")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The file itself, or the folder.
        place: PathBuf,
        /// Whose it is.
        uid: u32,
    },
    /// The file is larger than a secret can be, or not text, or no file at all.
    #[error("secret file `{path}` is not a short text")]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The environment variable is not set, or not text.
    #[error("environment variable `{name}` is not set to a short text")]
    NoVariable {
        /// Its name.
        name: String,
    },
    /// No place, or more than one, is named.
    #[error("a secret names exactly one of `file`, `env`, `credential`")]
    NoPlace,
}

impl SecretRef {
    /// A secret in a file.
    pub fn in_file(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..Self::default() }
    }

    /// Reads the secret as it stands, blanks and newlines included. Call it late: what is not
    /// read cannot leak.
    ///
    /// # Errors
    /// When it is missing, within others' reach, too large, or not UTF-8.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        match (&self.file, &self.env, &self.credential) {
            (Some(path), None, None) => read_short(path, 0o077),
            (None, Some(name), None) => variable(name),
            (None, None, Some(name)) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    SecretError::NoVariable { name: "CREDENTIALS_DIRECTORY".to_owned() }
                })?;
                // systemd grants the file by an access list, which shows as group bits; it is the
                // folder that keeps others out.
                read_short(&Path::new(&folder).join(name), 0o027)
            }
            _ => Err(SecretError::NoPlace),
        }
    }
}

/// The variable stays in this process's own environment, which only its owner and root can read;
/// programs that it starts get an environment of their own.
fn variable(name: &str) -> Result<SecretString, SecretError> {
    let none = || SecretError::NoVariable { name: name.to_owned() };
    let value = Zeroizing::new(std::env::var(name).map_err(|_| none())?);
    if value.len() > MAX_SECRET_BYTES {
        return Err(none());
    }
    Ok(kept(&value))
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> SecretError + Copy {
    |error| SecretError::Unreadable { path: path.to_owned(), kind: error.kind() }
}

/// Reads a secret from a file none of whose `forbidden` mode bits is set.
fn read_short(path: &Path, forbidden: u32) -> Result<SecretString, SecretError> {
    use std::io::Read;
    use std::os::unix::fs::MetadataExt;

    let unreadable = unreadable(path);
    let not_text = || SecretError::NotText { path: path.to_owned() };
    let real = resolved(path)?;
    let mut file = open(&real).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(not_text());
    }
    refuse_foreign(path, &real, &meta)?;
    if meta.mode() & forbidden != 0 {
        return Err(SecretError::Exposed { path: path.to_owned(), mode: meta.mode() & 0o777 });
    }
    // All of it at once: a buffer that grows leaves its smaller self behind in memory.
    let mut bytes = Zeroizing::new(vec![0; MAX_SECRET_BYTES.saturating_add(1)]);
    let mut length = 0_usize;
    while let Some(room) = bytes.get_mut(length..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => length = length.saturating_add(read),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    let text = bytes.get(..length).filter(|_| length <= MAX_SECRET_BYTES).ok_or_else(not_text)?;
    std::str::from_utf8(text).map(kept).map_err(|_| not_text())
}

/// Of exactly the text's length, so that nothing is copied again on the way.
fn kept(text: &str) -> SecretString {
    SecretString::from(Box::<str>::from(text))
}

/// Never waits: a pipe that nobody writes to must not hold up a cutover.
fn open(real: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(real)
}

/// The file that `path` leads to, link by link. Refuses a way on which some folder is others' to
/// write: they could put a file or a link of theirs there.
fn resolved(path: &Path) -> Result<PathBuf, SecretError> {
    let unreadable = unreadable(path);
    let backwards = |path: &Path| -> Vec<PathBuf> {
        path.components().rev().map(|part| PathBuf::from(part.as_os_str())).collect()
    };
    let mut left = backwards(&std::path::absolute(path).map_err(unreadable)?);
    let (mut at, mut links) = (PathBuf::new(), 0_u32);
    while let Some(name) = left.pop() {
        if name.as_os_str() == ".." {
            at.pop();
            continue;
        }
        if !at.as_os_str().is_empty() {
            refuse_replaceable(path, &at)?;
        }
        let place = at.join(&name);
        if std::fs::symlink_metadata(&place).map_err(unreadable)?.is_symlink() {
            links = links.saturating_add(1);
            if links > MAX_LINKS {
                return Err(unreadable(rustix::io::Errno::LOOP.into()));
            }
            // An absolute target begins with the root, which takes the place of all before it.
            left.extend(backwards(&std::fs::read_link(&place).map_err(unreadable)?));
        } else {
            at = place;
        }
    }
    Ok(at)
}

/// In a sticky folder such as `/tmp` nobody replaces another's file.
fn refuse_replaceable(path: &Path, folder: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(folder).map_err(unreadable(path))?;
    refuse_foreign(path, folder, &meta)?;
    let mode = meta.mode() & 0o7777;
    if mode & 0o022 != 0 && mode & 0o1000 == 0 {
        let folder = folder.to_owned();
        return Err(SecretError::Replaceable { path: path.to_owned(), folder, mode });
    }
    Ok(())
}

fn refuse_foreign(path: &Path, place: &Path, meta: &std::fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::MetadataExt;
    let (uid, own) = (meta.uid(), rustix::process::geteuid().as_raw());
    if is_trusted(uid, own, std::env::var("SUDO_UID").ok().as_deref()) {
        return Ok(());
    }
    Err(SecretError::Foreign { path: path.to_owned(), place: place.to_owned(), uid })
}

/// Root's and this user's own are trusted; where root works for somebody who used sudo (`asker` is
/// what sudo sets as `SUDO_UID`), that person's as well.
fn is_trusted(uid: u32, own: u32, asker: Option<&str>) -> bool {
    let asker = asker.and_then(|uid| uid.parse::<u32>().ok());
    uid == 0 || uid == own || own == 0 && asker == Some(uid)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::{Duration, Instant};

    use super::*;

    struct Stage(tempfile::TempDir);

    impl Stage {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn folder(&self, name: &str) -> PathBuf {
            let path = self.path(name);
            std::fs::create_dir(&path).unwrap();
            path
        }

        fn file(&self, name: &str, bytes: &[u8], mode: u32) -> PathBuf {
            let path = self.path(name);
            std::fs::write(&path, bytes).unwrap();
            set_mode(&path, mode);
            path
        }
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn read(path: PathBuf) -> Result<SecretString, SecretError> {
        SecretRef::in_file(path).read()
    }

    #[test]
    fn a_file_is_read_as_it_stands_where_its_owner_alone_can() {
        let stage = Stage::new();
        for mode in [0o600, 0o400] {
            let secret = read(stage.file("a", " himitsu\n".as_bytes(), mode)).unwrap();
            assert_eq!(secret.expose_secret(), " himitsu\n");
            assert!(!format!("{secret:?}").contains("himitsu"));
            set_mode(&stage.path("a"), 0o600);
        }
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o611] {
            let error = read(stage.file("b", b"himitsu", mode)).unwrap_err();
            assert!(matches!(error, SecretError::Exposed { .. }), "{mode:o} {error:?}");
            assert!(!error.to_string().contains("himitsu"));
        }
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused_and_a_sticky_one_is_not() {
        let stage = Stage::new();
        let folder = stage.folder("open");
        let file = stage.file("open/deep", b"himitsu", 0o600);
        for (mode, refused) in [
            (0o700, false),
            (0o755, false),
            (0o777, true),
            (0o770, true),
            (0o702, true),
            (0o1777, false),
        ] {
            set_mode(&folder, mode);
            let error = read(file.clone()).err();
            let replaceable = matches!(error, Some(SecretError::Replaceable { .. }));
            assert_eq!(replaceable, refused, "{mode:o} {error:?}");
            assert_eq!(error.is_some(), refused, "{mode:o} {error:?}");
        }
    }

    #[test]
    fn a_link_is_as_good_as_what_it_leads_to_and_the_folders_of_both() {
        let stage = Stage::new();
        let target = stage.file("target", b"himitsu", 0o600);
        symlink(&target, stage.path("link")).unwrap();
        assert_eq!(read(stage.path("link")).unwrap().expose_secret(), "himitsu");
        set_mode(&target, 0o644);
        assert!(matches!(read(stage.path("link")), Err(SecretError::Exposed { .. })));
        set_mode(&target, 0o600);
        // Whoever can change the link chooses the secret.
        let open = stage.folder("open");
        symlink(&target, open.join("link")).unwrap();
        set_mode(&open, 0o777);
        assert!(matches!(read(open.join("link")), Err(SecretError::Replaceable { .. })));
        symlink(stage.path("nowhere"), stage.path("broken")).unwrap();
        symlink(stage.path("round"), stage.path("round")).unwrap();
        for name in ["broken", "round"] {
            assert!(matches!(read(stage.path(name)), Err(SecretError::Unreadable { .. })));
        }
    }

    #[test]
    fn every_link_on_the_way_is_looked_at_and_relative_ones_lead_where_they_say() {
        let stage = Stage::new();
        let (open, safe) = (stage.folder("open"), stage.folder("safe"));
        let target = stage.file("safe/target", b"himitsu", 0o600);
        // The way goes through `open` only between two links: of a file, and of a folder.
        symlink(&target, open.join("middle")).unwrap();
        symlink("open/middle", stage.path("link")).unwrap();
        symlink(&safe, open.join("folder")).unwrap();
        symlink("open/folder", stage.path("folder")).unwrap();
        symlink("../safe/./target", open.join("around")).unwrap();
        let ways = ["link", "folder/target", "open/around"].map(|name| stage.path(name));
        for way in &ways {
            assert_eq!(read(way.clone()).unwrap().expose_secret(), "himitsu", "{way:?}");
        }
        set_mode(&open, 0o777);
        for way in &ways {
            let error = read(way.clone()).unwrap_err();
            let SecretError::Replaceable { folder, .. } = error else { panic!("{error:?}") };
            assert_eq!(folder, open);
        }
    }

    #[test]
    fn what_belongs_to_another_user_is_refused_file_or_folder() {
        let stage = Stage::new();
        let folder = stage.folder("theirs");
        let inside = stage.file("theirs/a", b"himitsu", 0o600);
        let beside = stage.file("b", b"himitsu", 0o600);
        for path in [&folder, &beside] {
            duct::cmd!("sudo", "-n", "chown", "nobody", path).run().unwrap();
        }
        let nobody: u32 = duct::cmd!("id", "-u", "nobody").read().unwrap().parse().unwrap();
        for (path, wanted) in [(&inside, &folder), (&beside, &beside)] {
            match read(path.clone()).unwrap_err() {
                SecretError::Foreign { place, uid, .. } => {
                    assert_eq!((&place, uid), (wanted, nobody));
                }
                // Who is not root cannot even open another's file.
                error @ SecretError::Unreadable { .. } if path == &beside => {
                    assert!(!rustix::process::geteuid().is_root(), "{error:?}");
                }
                error => panic!("{error:?}"),
            }
        }
        duct::cmd!("sudo", "-n", "rm", "-rf", &folder, &beside).run().unwrap();
    }

    #[test]
    fn of_whom_sudo_names_only_root_trusts_the_files() {
        for (uid, own, asker, trusted) in [
            (0, 1000, None, true),
            (1000, 1000, None, true),
            (1000, 0, Some("1000"), true),
            (1001, 0, Some("1000"), false),
            (1000, 0, None, false),
            (1000, 0, Some("-1"), false),
            (1000, 0, Some("1000x"), false),
            // Anybody can set the variable; only root is asked through sudo.
            (1000, 1001, Some("1000"), false),
        ] {
            assert_eq!(is_trusted(uid, own, asker), trusted, "{uid} {own} {asker:?}");
        }
    }

    #[test]
    fn what_is_no_short_text_is_refused_at_once() {
        let stage = Stage::new();
        let most = stage.file("most", &vec![b'x'; MAX_SECRET_BYTES], 0o600);
        assert_eq!(read(most).unwrap().expose_secret().len(), MAX_SECRET_BYTES);
        let huge = stage.path("huge");
        std::fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
        set_mode(&huge, 0o600);
        duct::cmd!("mkfifo", "-m", "600", stage.path("pipe")).run().unwrap();
        stage.folder("folder");
        stage.file("more", &vec![b'x'; MAX_SECRET_BYTES + 1], 0o600);
        stage.file("bytes", b"\x8f\xf4\xfbhimitsu", 0o600);
        let start = Instant::now();
        for name in ["huge", "pipe", "folder", "more", "bytes"] {
            let error = read(stage.path(name)).unwrap_err();
            assert!(matches!(error, SecretError::NotText { .. }), "{name}: {error:?}");
        }
        // A device never ends; it is no file.
        assert!(read("/dev/zero".into()).is_err());
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }

    #[test]
    fn exactly_one_place_is_named() {
        let both = SecretRef { env: Some("A".into()), ..SecretRef::in_file("/x") };
        assert!(matches!(both.read(), Err(SecretError::NoPlace)));
        assert!(matches!(SecretRef::default().read(), Err(SecretError::NoPlace)));
        let unset = SecretRef { env: Some("ORCA_NO_SUCH_VARIABLE".into()), ..SecretRef::default() };
        assert!(matches!(unset.read(), Err(SecretError::NoVariable { .. })));
        let credential = SecretRef { credential: Some("x".into()), ..SecretRef::default() };
        assert!(matches!(credential.read(), Err(SecretError::NoVariable { .. })));
    }
}
