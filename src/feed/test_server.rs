//! A small TLS server on the loopback: each path has its answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Another name than the machine's: it is only found where `resolve` says.
pub(super) const HOST: &str = "calendar.example";

pub(super) struct Server {
    pub(super) port: u16,
    pub(super) ca: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// A server whose certificate is valid until the year `to`, from an authority of its own.
    pub(super) async fn start(dir: &Path, authority: &str, to: i32) -> Self {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.distinguished_name.push(rcgen::DnType::CommonName, authority);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let certificate = params.signed_by(&key, &root).unwrap();
        let ca = dir.join("ca.crt");
        std::fs::write(&ca, root.pem()).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(acceptor.clone(), stream));
            }
        });
        Self { port, ca, task }
    }
}

pub(super) const CALENDAR: &str =
    "BEGIN:VCALENDAR\r\nSUMMARY:定期メンテナンス\r\nEND:VCALENDAR\r\n";

async fn answer(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => head.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
    let answer = |status: &str, headers: &str, body: &[u8]| {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
        [head.as_bytes(), body].concat()
    };
    let to = |place: &str| answer("302 Found", &format!("Location: {place}\r\n"), b"");
    let sjis = b"SUMMARY:\x83\x81\x83\x93\x83\x65\r\n";
    let bytes = match path.as_str() {
        "/ok.ics" => answer("200 OK", "Content-Type: text/calendar\r\n", CALENDAR.as_bytes()),
        "/wrong-charset.ics" => answer(
            "200 OK",
            "Content-Type: text/calendar; charset=Shift_JIS\r\n",
            CALENDAR.as_bytes(),
        ),
        "/bom.ics" => answer("200 OK", "", &[&b"\xef\xbb\xbf"[..], CALENDAR.as_bytes()].concat()),
        "/largest.ics" => answer("200 OK", "", &vec![b'a'; 1024 * 1024]),
        "/large.ics" => answer("200 OK", "", &vec![b'a'; 1024 * 1024 + 1]),
        "/endless.ics" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'a'; 8192]).await.is_ok() {}
            return;
        }
        "/cut.ics" => b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nBEGIN".to_vec(),
        "/silent.ics" => {
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            return;
        }
        "/slow.ics" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n").await;
            while stream.write_all(b"a").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            }
            return;
        }
        "/page.ics" => answer("200 OK", "", b"\n<!DOCTYPE html><title>Log in</title>"),
        "/page" => answer("200 OK", "Content-Type: text/html; charset=UTF-8\r\n", b"log in"),
        "/sjis.ics" => answer("200 OK", "", sjis),
        "/jis.ics" => answer("200 OK", "", b"SUMMARY:\x1b$B%a%s%F\x1b(B\r\n"),
        "/empty.ics" => answer("204 No Content", "", b""),
        "/gone.ics" => answer("410 Gone", "", b"<html>"),
        "/broken.ics" => answer("503 Service Unavailable", "", b""),
        "/moved.ics" => to("/ok.ics?token=geheim#top"),
        "/moved-3.ics" => to("/moved-2.ics"),
        "/moved-2.ics" => to("moved.ics"),
        "/moved-4.ics" => to("/moved-3.ics"),
        "/loop.ics" => to("/loop.ics"),
        "/insecure.ics" => to("http://calendar.example/ok.ics?token=geheim"),
        "/user.ics" => to("https://me:geheim@calendar.example/ok.ics"),
        "/nowhere.ics" => to("https://"),
        _ => answer("404 Not Found", "", b""),
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}
