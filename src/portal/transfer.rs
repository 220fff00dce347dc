//! Moving large files: streamed, hashed on the way, with an end to every wait.
//!
//! There is no limit on the whole time of a transfer: an upload of hours is legitimate, a
//! silent one is not.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::{PortalError, tls};
use crate::disk::{PartFile, Reserve};
use crate::fault::{self, Point, Spot};
use crate::ids;
use crate::progress::Progress;

/// Bytes read at once from the file that is sent.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// How every custom-format archive begins.
const MAGIC: &[u8] = b"PGDMP";

/// How often a running upload is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A download that is wholly on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Downloaded {
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: ids::Sha256,
}

/// True where the answer is a page and not a file.
pub(crate) fn is_page(response: &Response) -> bool {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"))
}

/// Streams an answer's body into a file.
pub(crate) async fn save(
    host: &str,
    response: Response,
    dest: &Path,
    progress: &Progress,
    idle: Duration,
    reserve: Option<Reserve>,
) -> Result<Downloaded, PortalError> {
    let (part, file) = PartFile::create(dest)?;
    // Where this fails the part goes: what is in it holds patient data and is of no use.
    let to = (part.path(), File::from_std(file));
    let saved = save_part(host, response, to, progress, idle, reserve).await?;
    part.keep()?;
    Ok(saved)
}

async fn save_part(
    host: &str,
    response: Response,
    (part, mut file): (&Path, File),
    progress: &Progress,
    idle: Duration,
    mut reserve: Option<Reserve>,
) -> Result<Downloaded, PortalError> {
    let wrong = |error: std::io::Error| file_error(part, error.kind());
    let expected = response.content_length();
    if let Some(expected) = expected {
        progress.expect_bytes(expected);
    }
    let (mut hash, mut got, mut head) = (Sha256::new(), 0_u64, Vec::new());
    let mut stream = response.bytes_stream();
    loop {
        let chunk = match tokio::time::timeout(idle, stream.next()).await {
            Err(_) => {
                return Err(PortalError::Timeout { host: host.to_owned(), secs: idle.as_secs() });
            }
            Ok(None) => break,
            Ok(Some(Err(error))) => return Err(cut_off(host, &error, expected, got, idle)),
            Ok(Some(Ok(chunk))) => chunk,
        };
        if head.len() < MAGIC.len() {
            head.extend(chunk.iter().take(MAGIC.len().saturating_sub(head.len())));
            if !MAGIC.starts_with(&head) {
                return Err(PortalError::NotArchive);
            }
        }
        hash.update(&chunk);
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if let Some(reserve) = &mut reserve {
            reserve.take(length).map_err(wrong)?;
        }
        file.write_all(&chunk).await.map_err(wrong)?;
        if got == 0 {
            fault::reach(Point::DownloadHalf).await?;
        }
        got = got.saturating_add(length);
        progress.add_bytes(length);
    }
    file.flush().await.map_err(wrong)?;
    file.sync_all().await.map_err(wrong)?;
    if let Some(expected) = expected.filter(|expected| *expected != got) {
        return Err(PortalError::DownloadShort { expected, got });
    }
    if head != MAGIC {
        return Err(PortalError::NotArchive);
    }
    Ok(Downloaded { bytes: got, sha256: ids::Sha256(hex::encode(hash.finalize())) })
}

/// A body that ended before its announced length is a short download; anything else is the
/// line's fault.
fn cut_off(
    host: &str,
    error: &reqwest::Error,
    expected: Option<u64>,
    got: u64,
    idle: Duration,
) -> PortalError {
    match expected {
        Some(expected) if error.is_body() || error.is_decode() => {
            PortalError::DownloadShort { expected, got }
        }
        _ => tls::explain(host, error, idle.as_secs()),
    }
}

pub(crate) fn file_error(path: &Path, kind: ErrorKind) -> PortalError {
    PortalError::File { path: path.to_owned(), reason: kind.to_string() }
}

/// What an upload has done so far; shared by the body's stream and the one who watches it.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    sent: AtomicU64,
    begun: AtomicBool,
    complete: AtomicBool,
    hash: Mutex<Sha256>,
    first: OnceLock<Instant>,
    last: OnceLock<Instant>,
}

impl Meter {
    /// From the first byte to the last, as they were handed to the connection; `None` before.
    pub(crate) fn took(&self) -> Option<Duration> {
        Some(self.last.get()?.saturating_duration_since(*self.first.get()?))
    }

    fn end(&self) {
        self.complete.store(true, Ordering::SeqCst);
        self.last.get_or_init(Instant::now);
    }

    /// True once a byte of the file may have left this machine.
    pub(crate) fn begun(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }

    /// Bytes of the file that were handed to the connection.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    /// SHA-256 of what was handed to the connection.
    pub(crate) fn sha256(&self) -> ids::Sha256 {
        let hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ids::Sha256(hex::encode(hash.finalize()))
    }
}

/// The file's bytes as a body that counts and hashes itself; ends at `length` or with an error.
pub(crate) fn body(
    file: File,
    length: u64,
    meter: Arc<Meter>,
    progress: Progress,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let spot = fault::here();
    futures::stream::unfold(Some(file), move |state| {
        let (meter, progress, spot) = (Arc::clone(&meter), progress.clone(), spot.clone());
        async move {
            let mut file = state?;
            meter.begun.store(true, Ordering::SeqCst);
            if let Err(error) = come_by(&spot, meter.sent(), length).await {
                return Some((Err(error), None));
            }
            meter.first.get_or_init(Instant::now);
            let left = length.saturating_sub(meter.sent());
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            if room == 0 {
                meter.end();
                return None;
            }
            let mut buffer = vec![0; room];
            match file.read(&mut buffer).await {
                Ok(0) => Some((Err(ErrorKind::UnexpectedEof.into()), None)),
                Err(error) => Some((Err(error), None)),
                Ok(count) => {
                    buffer.truncate(count);
                    meter.hash.lock().unwrap_or_else(PoisonError::into_inner).update(&buffer);
                    let count = u64::try_from(count).unwrap_or(u64::MAX);
                    let sent = meter.sent.fetch_add(count, Ordering::SeqCst).saturating_add(count);
                    if sent >= length {
                        meter.end();
                    }
                    progress.add_bytes(count);
                    Some((Ok(Bytes::from(buffer)), Some(file)))
                }
            }
        }
    })
}

/// The points of an upload: none of the file, half of it, all of it was handed over.
async fn come_by(spot: &Spot, sent: u64, length: u64) -> std::io::Result<()> {
    let chunk = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
    let half = length / 2;
    if sent == 0 {
        spot.reach(Point::ImportBegun).await?;
    } else if sent >= length {
        spot.reach(Point::ImportLastByte).await?;
    } else if sent >= half && sent.saturating_sub(half) < chunk {
        spot.reach(Point::ImportHalfSent).await?;
    }
    Ok(())
}

/// Sends an upload and waits for the answer's head; an answer may come before the last byte.
pub(crate) async fn send(
    host: &str,
    request: reqwest::RequestBuilder,
    meter: &Meter,
    idle: Duration,
    answer: Duration,
) -> Result<Response, PortalError> {
    let sending = request.send();
    tokio::pin!(sending);
    let (mut last, mut since) = (0, Instant::now());
    let mut all_sent = false;
    loop {
        tokio::select! {
            sent = &mut sending => {
                if meter.complete.load(Ordering::SeqCst) && !all_sent {
                    fault::reach(Point::ImportSent).await?;
                }
                return sent.map_err(|error| tls::explain(host, &error, idle.as_secs()));
            }
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if meter.sent() != last {
            (last, since) = (meter.sent(), Instant::now());
        }
        if meter.complete.load(Ordering::SeqCst) && !std::mem::replace(&mut all_sent, true) {
            fault::reach(Point::ImportSent).await?;
        }
        let limit = if meter.complete.load(Ordering::SeqCst) { answer } else { idle };
        if since.elapsed() >= limit {
            return Err(PortalError::Timeout { host: host.to_owned(), secs: limit.as_secs() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;

    #[tokio::test]
    async fn what_is_sent_is_counted_and_hashed_on_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let data: Vec<u8> = (0..200_001_u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &data).unwrap();
        let (meter, progress) = (Arc::new(Meter::default()), Progress::default());
        assert!(!meter.begun());
        let file = File::open(&path).await.unwrap();
        let length = data.len() as u64;
        let chunks: Vec<Bytes> =
            body(file, length, Arc::clone(&meter), progress.clone()).try_collect().await.unwrap();
        assert_eq!(chunks.concat(), data);
        assert_eq!(meter.sha256().0, hex::encode(Sha256::digest(&data)));
        assert_eq!((meter.sent(), progress.read().bytes), (length, length));
    }

    #[tokio::test]
    async fn a_file_that_shrinks_ends_the_upload_with_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, b"PGDMP").unwrap();
        let file = File::open(&path).await.unwrap();
        let meter = Arc::new(Meter::default());
        let sent: Result<Vec<Bytes>, _> =
            body(file, 10, Arc::clone(&meter), Progress::default()).try_collect().await;
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert!(!meter.complete.load(Ordering::SeqCst));
    }

    /// A server that answers with these bytes once it has read a request's first bytes, and then
    /// closes, or is silent where `hold` is true.
    async fn server(answer: Vec<u8>, hold: bool) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let _ = socket.read(&mut head).await.unwrap();
            socket.write_all(&answer).await.unwrap();
            if hold {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            socket.shutdown().await.unwrap();
            // Takes the rest, so that the answer is not lost in a reset.
            let mut sink = vec![0; 64 * 1024];
            while matches!(socket.read(&mut sink).await, Ok(count) if count > 0) {}
        });
        url
    }

    fn client() -> reqwest::Client {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
    }

    /// Saves what such a server sends; the folder must then hold nothing but a whole file.
    async fn saved(answer: &str, hold: bool) -> (Result<Downloaded, PortalError>, usize) {
        let response = client().get(server(answer.into(), hold).await).send().await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let dest = dir.path().join("d.dump");
        let idle = Duration::from_millis(300);
        let result = save("host", response, &dest, &Progress::default(), idle, None).await;
        (result, std::fs::read_dir(dir.path()).unwrap().count())
    }

    #[tokio::test]
    async fn only_a_whole_archive_gets_its_name() {
        let (whole, files) =
            saved("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nPGDMPab", true).await;
        assert_eq!((whole.unwrap().bytes, files), (7, 1));
        let (short, files) =
            saved("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nPGDMPab", false).await;
        assert!(matches!(short, Err(PortalError::DownloadShort { expected: 99, .. })), "{short:?}");
        assert_eq!(files, 0);
        let (silent, files) =
            saved("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nPGDMPab", true).await;
        assert!(matches!(silent, Err(PortalError::Timeout { .. })), "{silent:?}");
        assert_eq!(files, 0);
        for body in ["<html>", "PGD", "pgdmpxx"] {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let (other, files) = saved(&answer, true).await;
            assert!(matches!(other, Err(PortalError::NotArchive)), "{other:?}");
            assert_eq!(files, 0);
        }
    }

    /// Sends a file of 64 MiB that takes no space on the disk.
    async fn sent(answer: &str, hold: bool) -> (Result<Response, PortalError>, Arc<Meter>) {
        const LENGTH: u64 = 64 * 1024 * 1024;
        let sparse = tempfile::tempfile().unwrap();
        sparse.set_len(LENGTH).unwrap();
        let meter = Arc::new(Meter::default());
        let stream = body(File::from_std(sparse), LENGTH, Arc::clone(&meter), Progress::default());
        let request = client()
            .post(server(answer.into(), hold).await)
            .body(reqwest::Body::wrap_stream(stream));
        let (idle, answer) = (Duration::from_secs(1), Duration::from_secs(5));
        (send("host", request, &meter, idle, answer).await, meter)
    }

    #[tokio::test]
    async fn an_answer_before_the_last_byte_is_read_and_a_silent_line_ends() {
        let (refused, _) = sent("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", false).await;
        assert_eq!(refused.unwrap().status(), 413);
        let (silent, meter) = sent("", true).await;
        assert!(matches!(silent, Err(PortalError::Timeout { secs: 1, .. })), "{silent:?}");
        assert!(meter.begun() && !meter.complete.load(Ordering::SeqCst));
    }
}
