//! Encrypts files with patient data with age, for people whose keys are not on this machine.
//!
//! An encrypted file has its name only once it is whole; what it encrypts is removed by the caller.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use age::{Decryptor, Encryptor, x25519};

use super::stream_file::{Counted, Pump, StreamFile, pump};
use crate::diag::{Fact, Kind, Problem};
use crate::disk::Reserve;
use crate::playbook::AtRest;
use crate::progress::Progress;

/// What encrypted files are called: the name of the file in clear, and this.
pub(super) const ENDING: &str = ".age";

/// age encrypts chunks of this many bytes (c2sp.org/age, "Payload").
const CHUNK: u64 = 64 * 1024;

/// And adds this many to each.
const TAG: u64 = 16;

/// Sizes and hashes of a file that was encrypted.
pub(super) struct Sealed {
    /// SHA-256 of what went in.
    pub(super) clear_sha256: String,
    /// Bytes of the encrypted file.
    pub(super) bytes: u64,
    /// Its SHA-256.
    pub(super) sha256: String,
}

/// The name of the encrypted file of `path`; later ones of the same name are numbered.
pub(super) fn sealed_name(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if number > 0 {
        name.push(format!(".{number}"));
    }
    name.push(ENDING);
    PathBuf::from(name)
}

/// Encrypts `from` to its end into `target`, which appears whole and on the disk. Blocks.
///
/// # Errors
/// Where it cannot be read or written, or is not what it should be once it is written. `target`
/// is then not there.
pub(super) fn seal_stream(
    from: impl Read,
    target: &Path,
    at_rest: &AtRest,
) -> Result<Sealed, Problem> {
    let file = StreamFile::at(target)?;
    let failed = |reason: &dyn std::fmt::Display| failed(target, reason);
    let mut clear = Counted::new(from);
    let encrypted = encryptor(at_rest).map_err(|reason| failed(&reason))?;
    let out = file.begin().map_err(|error| failed(&error.kind()))?;
    let mut out = encrypted.wrap_output(out).map_err(|error| failed(&error.kind()))?;
    // What is left for records is not for a second copy.
    let reserve = target.parent().and_then(|folder| Reserve::of(folder, folder).ok());
    pump(&mut clear, &mut out, &Progress::default(), reserve).map_err(|broken| match broken {
        Pump::Read => failed(&"what is encrypted cannot be read"),
        Pump::Write(error) => failed(&error.kind()),
    })?;
    // Without this the last chunk would be missing.
    let out = out.finish().map_err(|error| failed(&error.kind()))?;
    let (bytes, sha256) = out.complete().map_err(|error| failed(&error.kind()))?;
    let (clear_bytes, clear_sha256) = clear.sums();
    if !is_whole(file.part(), bytes, clear_bytes) {
        return Err(failed(&"what was written is no whole age file"));
    }
    file.keep()?;
    Ok(Sealed { clear_sha256, bytes, sha256 })
}

/// True where the file on the disk begins as an age file does and is exactly as long as one of
/// `clear` bytes must be. Nobody here can decrypt it; this is what can be known.
fn is_whole(path: &Path, bytes: u64, clear: u64) -> bool {
    let look = || -> Option<bool> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let mut reader = BufReader::new(file);
        let header = Decryptor::new_buffered(&mut reader).ok()?;
        let by_passphrase = header.is_scrypt();
        drop(header);
        let head = reader.stream_position().ok()?;
        let chunks = clear.div_ceil(CHUNK).max(1);
        let expected = head.checked_add(clear)?.checked_add(chunks.checked_mul(TAG)?)?;
        Some(!by_passphrase && length == bytes && length == expected)
    };
    look().unwrap_or(false)
}

fn encryptor(at_rest: &AtRest) -> Result<Encryptor, String> {
    let keys: Result<Vec<x25519::Recipient>, _> =
        at_rest.recipients.iter().map(|key| key.parse()).collect();
    let keys = keys.map_err(str::to_owned)?;
    let keys = keys.iter().map(|key| key as &dyn age::Recipient);
    Encryptor::with_recipients(keys).map_err(|error| error.to_string())
}

pub(super) fn failed(path: &Path, reason: &dyn std::fmt::Display) -> Problem {
    Problem::new("run-seal-failed", Kind::Environment)
        .with(Fact::local("path", path.display()))
        .with(Fact::local("reason", reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::io;

    /// A key pair of the age program: the private key's file, the public key.
    fn key(folder: &Path, name: &str) -> (PathBuf, String) {
        let file = folder.join(name);
        let said = duct::cmd!("age-keygen", "-o", &file).stderr_to_stdout().read().unwrap();
        (file, said.rsplit(' ').next().unwrap().trim().to_owned())
    }

    #[test]
    fn every_recipients_key_opens_it_with_the_age_program_and_no_other_does() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second, stranger] = ["1", "2", "3"].map(|name| key(folder.path(), name));
        let at_rest = AtRest { recipients: vec![first.1, second.1] };
        // Around the sizes of chunks, where a last one may be full or empty.
        for size in [0_usize, 1, 65_535, 65_536, 65_537, 1_000_003] {
            let clear: Vec<u8> = (0..size).map(|byte| (byte * 7 % 251) as u8).collect();
            let target = folder.path().join(format!("{size}.age"));
            let sealed = seal_stream(clear.as_slice(), &target, &at_rest).unwrap();
            for identity in [&first.0, &second.0] {
                let opened = duct::cmd!("age", "-d", "-i", identity, &target);
                let opened = opened.stdout_capture().run().unwrap().stdout;
                assert_eq!(opened, clear, "{size}");
                assert_eq!(sealed.clear_sha256, hex::encode(Sha256::digest(&opened)));
            }
            let refused = duct::cmd!("age", "-d", "-i", &stranger.0, &target)
                .stdout_null()
                .stderr_null()
                .unchecked()
                .run()
                .unwrap();
            assert!(!refused.status.success());
            let bytes = std::fs::read(&target).unwrap();
            assert_eq!(sealed.bytes, bytes.len() as u64);
            assert_eq!(sealed.sha256, hex::encode(Sha256::digest(&bytes)));
        }
    }

    #[test]
    fn what_cannot_be_read_to_its_end_leaves_nothing() {
        struct Cut;
        impl Read for Cut {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let identity = x25519::Identity::generate();
        let at_rest = AtRest { recipients: vec![identity.to_public().to_string()] };
        let target = folder.path().join("a.age");
        let from = b"abc".as_slice().chain(Cut);
        let problem = seal_stream(from, &target, &at_rest).err().unwrap();
        assert_eq!(problem.code, "run-seal-failed");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_is_cut_or_grown_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let identity = x25519::Identity::generate();
        let at_rest = AtRest { recipients: vec![identity.to_public().to_string()] };
        let target = folder.path().join("a.age");
        let sealed = seal_stream([7; 100_000].as_slice(), &target, &at_rest).unwrap();
        let whole = std::fs::read(&target).unwrap();
        assert!(is_whole(&target, sealed.bytes, 100_000));
        for length in [0, 10, 200, whole.len() - 1] {
            std::fs::write(&target, &whole[..length]).unwrap();
            assert!(!is_whole(&target, sealed.bytes, 100_000), "{length}");
            assert!(!is_whole(&target, length as u64, 100_000), "{length}");
        }
        std::fs::write(&target, [&whole[..], b"x"].concat()).unwrap();
        assert!(!is_whole(&target, sealed.bytes + 1, 100_000));
    }
}
