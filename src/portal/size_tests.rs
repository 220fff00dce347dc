//! R15: a large archive is sent in little memory, and hashing it on the way costs little of the
//! pace of a plain copy over the same line.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::Stream;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::transfer::{CHUNK_BYTES, Meter, body, send};
use crate::figures::figure;
use crate::progress::Progress;

/// What a large archive may take of memory.
const MOST_MEMORY: u64 = 64 << 20;

/// A line that a clinic may have at best: 1 Gbit/s.
const LINE: u64 = 125_000_000;

/// A TLS server that takes whatever comes, at most `pace` bytes a second, and answers 200; gives
/// its port and its certificate.
async fn sink(pace: u64) -> (u16, CertificateDer<'static>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(params.self_signed(&key).unwrap().der().to_vec());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let (mut head, mut piece) = (Vec::new(), vec![0; 256 * 1024]);
            let end = loop {
                let count = stream.read(&mut piece).await.unwrap();
                head.extend_from_slice(&piece[..count]);
                if let Some(end) = memchr::memmem::find(&head, b"\r\n\r\n") {
                    break end + 4;
                }
            };
            let text = String::from_utf8_lossy(&head[..end]).to_lowercase();
            let length = text.split("content-length: ").nth(1).unwrap();
            let length: u64 = length.split("\r\n").next().unwrap().parse().unwrap();
            let mut got = (head.len() - end) as u64;
            let begun = Instant::now();
            while got < length {
                got += stream.read(&mut piece).await.unwrap() as u64;
                let due = Duration::from_secs_f64(got as f64 / pace as f64);
                tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (port, certificate)
}

fn client(root: CertificateDer<'static>) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy();
    client.pool_max_idle_per_host(0).build().unwrap()
}

/// The same pieces, and nothing else.
fn plain(file: File) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    futures::stream::unfold(file, |mut file| async move {
        let mut buffer = vec![0; CHUNK_BYTES];
        match file.read(&mut buffer).await {
            Ok(0) => None,
            Ok(count) => {
                buffer.truncate(count);
                Some((Ok(Bytes::from(buffer)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    })
}

/// A value of `/proc/self/status` in bytes.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|letter: char| !letter.is_ascii_digit()).parse::<u64>().unwrap() * 1024
}

/// A plain copy and an upload over the same line.
struct Pair {
    copied: Duration,
    sent: Duration,
    /// What the upload added to the resident memory at its peak, in bytes.
    grown: u64,
}

async fn pair(path: &Path, size: u64, line: u64) -> Pair {
    let (port, root) = sink(line).await;
    let (client, url) = (client(root), format!("https://localhost:{port}/"));
    let file = || async { File::open(path).await.unwrap() };
    let begun = Instant::now();
    let request = client.post(&url).header("content-length", size);
    let request = request.body(reqwest::Body::wrap_stream(plain(file().await)));
    assert!(request.send().await.unwrap().status().is_success());
    let copied = begun.elapsed();
    let before = memory("VmRSS:");
    // The high-water mark begins anew here.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let begun = Instant::now();
    let meter = Arc::new(Meter::default());
    let bytes = body(file().await, size, meter.clone(), Progress::default());
    let request = client.post(&url).header("content-length", size);
    let request = request.body(reqwest::Body::wrap_stream(bytes));
    let limit = Duration::from_secs(60);
    let answer = send("localhost", request, &meter, limit, limit).await.unwrap();
    assert!(answer.status().is_success());
    let sent = begun.elapsed();
    let theirs = duct::cmd!("sha256sum", path).read().unwrap();
    assert!(theirs.starts_with(&meter.sha256().0), "{theirs}");
    Pair { copied, sent, grown: memory("VmHWM:").saturating_sub(before) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_archive_is_hashed_and_sent_in_little_memory_at_the_pace_of_a_copy() {
    let full = std::env::var("ORCA_FIGURES").is_ok_and(|size| size == "full");
    let size = if full { 10_u64 << 30 } else { 200_u64 << 20 };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.dump");
    let mut file = File::create(&path).await.unwrap();
    file.write_all(b"PGDMP").await.unwrap();
    // The rest is a hole: what is measured is hashing and sending, not this machine's disk.
    file.set_len(size).await.unwrap();
    file.sync_all().await.unwrap();
    for (name, line, least) in [
        ("over a line of 1 Gbit/s", LINE, if full { 90.0 } else { 75.0 }),
        // Sender and receiver fill the processors: nothing hides behind the line.
        ("to the same machine, no line between", u64::MAX, 40.0),
    ] {
        let Pair { copied, sent, grown } = pair(&path, size, line).await;
        let rate = |took: Duration| size as f64 / took.as_secs_f64() / 1e6;
        let share = rate(sent) / rate(copied) * 100.0;
        figure(
            "R15",
            &format!("{} MiB hashed and sent by TLS {name}, of a plain copy's pace", size >> 20),
            format!(
                "{share:.0} % ({:.0} of {:.0} MB/s), {} KiB of memory more",
                rate(sent),
                rate(copied),
                grown / 1024
            ),
            "cargo nextest run size_tests",
        );
        assert!(grown <= MOST_MEMORY, "{grown}");
        assert!(share >= least, "{name}: {share}");
    }
}
