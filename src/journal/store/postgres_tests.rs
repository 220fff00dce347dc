//! What only a server can do to a journal: lose a connection, crash, be set up wrongly.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::suite_tests::{config, row};
use super::{PostgresConfig, PostgresStore, Store};
use crate::archive::test_server::{Server, folder, succeed};
use crate::diag::Explain;
use crate::figures::figure;
use crate::ids::RunId;
use crate::journal::JournalError;
use crate::journal::lease::Lease;
use crate::secret::SecretRef;

async fn open(config: PostgresConfig) -> PostgresStore {
    PostgresStore::open(config, true).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_crash_of_a_careless_server() {
    // The writer of such a server would come after ten seconds; the crash comes first.
    let server = Server::start_with("-h '' -c synchronous_commit=off -c wal_writer_delay=10s");
    let store = open(config(server.folder(), "journal")).await;
    let run = RunId::fresh();
    for seq in 1..=20 {
        store.append(&run, &row(seq, "acknowledged")).await.unwrap();
    }
    // Proof that the server does lose what is not waited for.
    server.query("postgres", "CREATE TABLE careless (n int)");
    server.query("postgres", "CHECKPOINT");
    server.query("postgres", "INSERT INTO careless VALUES (1)");
    server.crash();
    server.up();
    assert_eq!(server.query("postgres", "SELECT count(*) FROM careless").trim(), "0");
    // The same store finds the server again by itself.
    assert_eq!(store.rows(&run, 0).await.unwrap().len(), 20);
    store.append(&run, &row(21, "acknowledged")).await.unwrap();
    store.append(&run, &row(22, "acknowledged")).await.unwrap();
    server.crash();
    server.up();
    assert_eq!(store.rows(&run, 0).await.unwrap().len(), 22);
}

/// Stands between store and server, and cuts the first connection when the client has sent its
/// `cut`th message behind the start; the server gets that message where `forward` says so. Gives
/// how many messages are left until then.
async fn stand_between(
    server: &Path,
    folder: &Path,
    cut: usize,
    forward: bool,
) -> Arc<AtomicUsize> {
    let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
    let target = server.join(".s.PGSQL.5432");
    let left = Arc::new(AtomicUsize::new(cut));
    let uncut = left.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (target, left) = (target.clone(), left.clone());
            tokio::spawn(async move {
                let mut server = UnixStream::connect(target).await.unwrap();
                let (mut from_client, mut from_server) = (vec![0; 65536], vec![0; 65536]);
                loop {
                    tokio::select! {
                        got = client.read(&mut from_client) => {
                            let Ok(got @ 1..) = got else { return };
                            let now = left.load(Ordering::SeqCst);
                            if now > 0 {
                                left.store(now - 1, Ordering::SeqCst);
                            }
                            let cuts = now == 1;
                            if !cuts || forward {
                                server.write_all(&from_client[..got]).await.unwrap();
                            }
                            if cuts {
                                // The server has it and answers nobody.
                                let _ = tokio::time::timeout(
                                    Duration::from_millis(100),
                                    server.read(&mut from_server),
                                ).await;
                                return;
                            }
                        }
                        got = server.read(&mut from_server) => {
                            let Ok(got @ 1..) = got else { return };
                            if client.write_all(&from_server[..got]).await.is_err() {
                                return;
                            }
                        }
                    }
                }
            });
        }
    });
    uncut
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_anywhere_in_a_commit_doubles_nothing_and_loses_nothing() {
    let server = Server::start_with("-h ''");
    open(config(server.folder(), "journal")).await;
    let mut cuts = 0;
    for forward in [true, false] {
        // Opening takes some messages, a record under a lease about six.
        for cut in 1..=24 {
            let folder = folder();
            let uncut = stand_between(server.folder(), folder.path(), cut, forward).await;
            // The first connections may be the ones that are cut: a person starts again.
            let mut opened = None;
            for _ in 0..3 {
                let place = config(folder.path(), "journal");
                opened = opened.or(PostgresStore::open(place, false).await.ok());
            }
            let store: Arc<dyn Store> = Arc::new(opened.unwrap());
            let lease = Lease::take(store, "見本 太郎", None).await.unwrap();
            let run = RunId::fresh();
            for seq in 1..=2 {
                lease.store().append(&run, &row(seq, "髙")).await.unwrap();
                // A second one of this number is refused, however the first came in.
                let twice = lease.store().append(&run, &row(seq, "髙")).await;
                assert!(matches!(twice, Err(JournalError::Taken { .. })), "cut {cut}");
            }
            let rows = lease.store().rows(&run, 0).await.unwrap();
            assert_eq!(rows, [row(1, "髙"), row(2, "髙")], "cut {cut}");
            lease.release().await;
            cuts += usize::from(uncut.load(Ordering::SeqCst) == 0);
        }
    }
    assert_eq!(server.query("postgres", "SELECT count(*) FROM journal.records").trim(), "96");
    assert!(cuts >= 40, "{cuts} connections were cut");
    let what = "connections cut at each message of a commit, records doubled or lost";
    figure("R2", what, format!("0 of {cuts}"), "cargo nextest run a_connection_cut_anywhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_given_up() {
    let folder = folder();
    let _silent = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    let begun = Instant::now();
    let error = PostgresStore::open(config(folder.path(), "journal"), true).await.unwrap_err();
    assert_eq!(error.code(), "journal-store");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_makes_nothing_and_a_wrong_server_is_refused() {
    let server = Server::start_with("-h ''");
    let store = PostgresStore::open(config(server.folder(), "journal"), false).await.unwrap();
    assert!(store.runs().await.unwrap().is_empty());
    assert!(store.leases().lease().await.unwrap().is_none());
    assert_eq!(
        store.append(&RunId::fresh(), &row(1, "x")).await.unwrap_err().code(),
        "journal-store"
    );
    let made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'journal'";
    assert_eq!(server.query("postgres", made).trim(), "0");
    // Records are Unicode.
    server.create("euc", "EUC_JP");
    let euc = PostgresConfig { database: "euc".into(), ..config(server.folder(), "journal") };
    let error = PostgresStore::open(euc, true).await.unwrap_err();
    assert_eq!(error.code(), "journal-server-setting");
    // A newer program has been here.
    open(config(server.folder(), "journal")).await;
    server.query("postgres", "INSERT INTO journal.format VALUES (2)");
    let error = PostgresStore::open(config(server.folder(), "journal"), true).await.unwrap_err();
    assert_eq!(error.code(), "journal-newer");
    // A server that keeps nothing.
    let careless = Server::start();
    let error = PostgresStore::open(config(careless.folder(), "journal"), true).await.unwrap_err();
    assert_eq!(error.code(), "journal-server-setting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_only_add_carries_runs_of_its_clinic() {
    let server = Server::start_with("-h ''");
    open(config(server.folder(), "journal")).await;
    server.query(
        "postgres",
        "CREATE ROLE runner LOGIN;
         GRANT USAGE ON SCHEMA journal TO runner;
         GRANT SELECT, INSERT ON journal.records TO runner;
         GRANT SELECT, INSERT, UPDATE ON journal.leases TO runner;
         GRANT SELECT ON journal.format TO runner;",
    );
    let as_runner = |clinic: &str| PostgresConfig {
        user: "runner".to_owned(),
        clinic: clinic.to_owned(),
        ..config(server.folder(), "journal")
    };
    let run = RunId::fresh();
    for clinic in ["JPN000000000001", "JPN000000000002"] {
        let store: Arc<dyn Store> = Arc::new(open(as_runner(clinic)).await);
        // One clinic's lease and records are nothing to another one.
        let lease = Lease::take(store.clone(), "見本 太郎", None).await.unwrap();
        assert!(store.runs().await.unwrap().is_empty());
        lease.store().append(&run, &row(1, clinic)).await.unwrap();
        assert_eq!(store.rows(&run, 0).await.unwrap(), [row(1, clinic)]);
        lease.release().await;
    }
    for forbidden in [
        "UPDATE journal.records SET event = 'x'",
        "DELETE FROM journal.records",
        "TRUNCATE journal.records",
        "DELETE FROM journal.leases",
        "CREATE TABLE journal.x ()",
    ] {
        let mut psql = server.client("psql");
        psql.args(["-XqAt", "-U", "runner", "-d", "postgres", "-c", forbidden]);
        let output = psql.output().unwrap();
        assert!(!output.status.success(), "{forbidden}");
    }
}

/// A private CA, a certificate for `localhost`, and a server that asks for TLS and a password.
fn with_tls(folder: &Path) -> Server {
    let openssl = |args: &str| {
        succeed(Command::new("openssl").args(args.split(' ')).current_dir(folder));
    };
    std::fs::write(folder.join("ext"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=CA -keyout ca.key -out ca.pem",
    );
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout s.key -out s.csr",
    );
    openssl(
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out s.pem",
    );
    let server = Server::start_with("-h ''");
    server.query("postgres", "CREATE ROLE runner LOGIN PASSWORD 'correct horse'");
    server.query("postgres", "GRANT CREATE ON DATABASE postgres TO runner");
    for (from, to) in [("s.pem", "server.crt"), ("s.key", "server.key")] {
        let text = std::fs::read(folder.join(from)).unwrap();
        server.write(to, &text);
    }
    server.write("pg_hba.conf", b"local all all trust\nhostssl all all all scram-sha-256\n");
    server.crash();
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_reached_by_tls_with_its_own_certificate_and_a_password_only() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = with_tls(folder.path());
    server.up_with(&format!("-h localhost -c ssl=on -p {port}"));
    let secret = folder.path().join("password");
    std::fs::write(&secret, "correct horse\n").unwrap();
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
    let good = PostgresConfig {
        host: Some("localhost".to_owned()),
        socket_dir: None,
        port,
        user: "runner".to_owned(),
        password: Some(SecretRef::in_file(&secret)),
        ca: Some(folder.path().join("ca.pem")),
        ..config(server.folder(), "journal")
    };
    let store = open(good.clone()).await;
    store.append(&RunId::fresh(), &row(1, "by TLS")).await.unwrap();
    let wrong = folder.path().join("wrong");
    std::fs::write(&wrong, "incorrect horse").unwrap();
    std::fs::set_permissions(&wrong, PermissionsExt::from_mode(0o600)).unwrap();
    for (refused, why) in [
        (PostgresConfig { ca: None, ..good.clone() }, "an unknown root"),
        (PostgresConfig { host: Some("127.0.0.1".into()), ..good.clone() }, "another name"),
        (PostgresConfig { password: Some(SecretRef::in_file(&wrong)), ..good.clone() }, "password"),
        (PostgresConfig { password: None, ..good.clone() }, "no password"),
    ] {
        let error = PostgresStore::open(refused, true).await.err();
        let error = error.unwrap_or_else(|| panic!("{why}"));
        assert_eq!(error.code(), "journal-store", "{why}");
        assert!(!format!("{error:?}").contains("horse"), "{error:?}");
    }
    // A server without TLS is not spoken to.
    server.crash();
    server.up_with(&format!("-h localhost -p {port}"));
    assert_eq!(PostgresStore::open(good, true).await.unwrap_err().code(), "journal-store");
}
