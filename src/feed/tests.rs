//! Against a real TLS server, and files.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::TimeZone;

use super::fetch::fetch_within;
use super::http::Limits;
use super::test_server::{CALENDAR, HOST, Server};
use super::{Address, FeedError, FeedSource, Fetched, fetch};
use crate::clock::Clock;
use crate::diag::{Explain, Problem};
use crate::i18n::Lang;

const LOOPBACK: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));

async fn get(server: &Server, path: &str) -> Result<Fetched, FeedError> {
    let source = at(server, path);
    let limits = Limits { connect_secs: 5, total_secs: 2 };
    fetch_within(&source, Some(&server.ca), LOOPBACK, &Clock::System, limits).await
}

fn at(server: &Server, path: &str) -> FeedSource {
    format!("https://{HOST}:{}{path}?token=geheim", server.port).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_fetched_and_its_sum_and_time_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), "test", 2100).await;
    for path in ["/ok.ics", "/bom.ics", "/wrong-charset.ics", "/moved.ics", "/moved-3.ics"] {
        let before = Clock::System.now();
        let fetched = get(&server, path).await.unwrap();
        assert_eq!(fetched.text, CALENDAR, "{path}");
        assert!(before <= fetched.at && fetched.at <= Clock::System.now());
        assert_eq!(fetched.sha256.len(), 64);
    }
    let sums = [get(&server, "/ok.ics").await.unwrap(), get(&server, "/bom.ics").await.unwrap()];
    assert_ne!(sums[0].sha256, sums[1].sha256, "the sum is of the bytes");
    assert_eq!(get(&server, "/largest.ics").await.unwrap().text.len(), 1024 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_is_refused_in_words_without_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), "test", 2100).await;
    let host = || HOST.to_owned();
    let redirect = |reason| FeedError::Redirect { host: host(), reason };
    let status = |status| FeedError::Status { host: host(), status };
    let encoding = |encoding| FeedError::Encoding { place: host(), encoding };
    let timeout = FeedError::Timeout { host: host(), secs: 2 };
    let large = FeedError::TooLarge { place: host(), limit: 1024 * 1024 };
    for (path, expected) in [
        ("/none.ics", status(404)),
        ("/gone.ics", status(410)),
        ("/broken.ics", status(503)),
        ("/empty.ics", status(204)),
        ("/large.ics", large.clone()),
        ("/endless.ics", large),
        ("/silent.ics", timeout.clone()),
        ("/slow.ics", timeout),
        ("/page.ics", FeedError::Html { place: host() }),
        ("/page", FeedError::Html { place: host() }),
        ("/sjis.ics", encoding("Shift_JIS")),
        ("/jis.ics", encoding("ISO-2022-JP")),
        ("/insecure.ics", redirect("insecure")),
        ("/user.ics", redirect("user")),
        ("/nowhere.ics", redirect("unreadable")),
        ("/loop.ics", redirect("too-many")),
        ("/moved-4.ics", redirect("too-many")),
    ] {
        let start = Instant::now();
        let error = get(&server, path).await.unwrap_err();
        assert_eq!(error, expected, "{path}");
        assert!(start.elapsed() < Duration::from_secs(10), "{path}");
        tells_nothing(&error);
    }
    let error = get(&server, "/cut.ics").await.unwrap_err();
    assert!(matches!(error, FeedError::Unreachable { .. }), "{error:?}");
    tells_nothing(&error);
}

/// No text, debug output or fact holds the token; every text exists.
fn tells_nothing(error: &FeedError) {
    let problem = Problem::from(error.clone());
    for lang in [Lang::Ja, Lang::En] {
        let hint = problem.hint(lang).unwrap();
        let all = format!("{error} {error:?} {problem:?} {} {hint}", problem.message(lang));
        assert!(!all.contains("geheim") && !all.contains("token"), "{all}");
        assert!(!problem.message(lang).contains('{') && problem.message(lang) != error.code());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_held_against_the_given_root_the_name_and_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), "test", 2100).await;
    let tls = |reason| FeedError::Tls { host: HOST.to_owned(), reason };
    let source = at(&server, "/ok.ics");
    let clock = Clock::System;
    // Another authority, and one that only has the same name.
    for name in ["other", "test"] {
        let dir = tempfile::tempdir().unwrap();
        let other = Server::start(dir.path(), name, 2100).await;
        let error = fetch(&source, Some(&other.ca), LOOPBACK, &clock).await.unwrap_err();
        assert_eq!(error, tls("unknown-issuer"), "{name}");
    }
    // The system does not know it either.
    let error = fetch(&source, None, LOOPBACK, &clock).await.unwrap_err();
    assert!(matches!(&error, FeedError::Tls { .. } | FeedError::SystemRoots { .. }), "{error:?}");
    let by_number: FeedSource =
        format!("https://127.0.0.1:{}/ok.ics", server.port).parse().unwrap();
    let error = fetch(&by_number, Some(&server.ca), None, &clock).await.unwrap_err();
    assert_eq!(error, FeedError::Tls { host: "127.0.0.1".to_owned(), reason: "other-name" });
    // By a rehearsal's clock, today's certificate has ended.
    let old_dir = tempfile::tempdir().unwrap();
    let old = Server::start(old_dir.path(), "test", 2060).await;
    let later = Clock::Rehearsal(old_dir.path().join("clock"));
    later.set(&chrono_tz::Asia::Tokyo.with_ymd_and_hms(2061, 1, 1, 0, 0, 0).unwrap()).unwrap();
    let source = at(&old, "/ok.ics");
    assert!(fetch(&source, Some(&old.ca), LOOPBACK, &clock).await.is_ok());
    let error = fetch(&source, Some(&old.ca), LOOPBACK, &later).await.unwrap_err();
    assert_eq!(error, tls("expired"));
    tells_nothing(&error);
    let missing = Path::new("/nowhere/ca.crt");
    let error = fetch(&source, Some(missing), LOOPBACK, &clock).await.unwrap_err();
    assert!(matches!(&error, FeedError::Ca { .. }), "{error:?}");
    tells_nothing(&error);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_told_with_the_host_alone() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), "test", 2100).await;
    let source: FeedSource = format!("https://{HOST}:{port}/a?token=geheim").parse().unwrap();
    let error = fetch(&source, Some(&server.ca), LOOPBACK, &Clock::System).await.unwrap_err();
    assert!(matches!(&error, FeedError::Unreachable { host, .. } if host == HOST), "{error:?}");
    tells_nothing(&error);
}

#[tokio::test]
async fn files_are_read_up_to_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        FeedSource::File(path)
    };
    let read = |source: FeedSource| async move { fetch(&source, None, None, &Clock::System).await };
    let fetched = read(write("a.ics", CALENDAR.as_bytes())).await.unwrap();
    assert_eq!(fetched.text, CALENDAR);
    assert_eq!(read(write("b.ics", &vec![b'a'; 1024 * 1024])).await.unwrap().text.len(), 1 << 20);
    let code = |result: Result<Fetched, FeedError>| {
        let error = result.unwrap_err();
        tells_nothing(&error);
        error.code()
    };
    assert_eq!(code(read(write("c.ics", &vec![b'a'; 1024 * 1024 + 1])).await), "feed-too-large");
    assert_eq!(code(read(write("d.ics", b"a\0b")).await), "feed-encoding");
    assert_eq!(code(read(write("e.ics", b"\xff\xfea\0")).await), "feed-encoding");
    assert_eq!(code(read(write("f.ics", b"\xa4\xff")).await), "feed-encoding");
    assert_eq!(code(read(write("g.ics", b"<html>")).await), "feed-html");
    assert_eq!(code(read(FeedSource::File(dir.path().join("none"))).await), "feed-file");
    assert_eq!(code(read(FeedSource::File(dir.path().to_owned())).await), "feed-file");
}

#[test]
fn addresses_are_https_without_user_and_fragment() {
    for (text, reason) in [
        ("", "empty"),
        ("http://calendar.example/a?token=geheim", "scheme"),
        ("ftp://calendar.example/a", "scheme"),
        ("webcal://calendar.example/a", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("https://me@calendar.example/a", "user"),
        ("https://me:geheim@calendar.example/a", "user"),
        ("https://calendar.example/a#token", "fragment"),
        ("https://", "unreadable"),
        ("https://a b/", "unreadable"),
    ] {
        let error = text.parse::<FeedSource>().unwrap_err();
        assert!(
            matches!(error, FeedError::Address { reason: found, .. } if found == reason),
            "{text}"
        );
        tells_nothing(&error);
    }
    let source: FeedSource = " https://calendar.example/a?token=geheim ".parse().unwrap();
    assert_eq!(source.to_string(), "https://calendar.example/…");
    assert!(!format!("{source:?}").contains("geheim"));
    assert!(matches!("notices/maintenance.ics".parse(), Ok(FeedSource::File(_))));
    let url = url::Url::parse("https://calendar.example/a").unwrap();
    assert_eq!(Address::new(url).unwrap().host(), "calendar.example");
}
