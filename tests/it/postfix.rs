//! Debian's Postfix as a test's own mail server: own configuration, queue, ports, certificate and
//! users in a scratch folder, mails in Maildirs. Nothing of the machine's own Postfix is used.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::mail_desk::{PASSWORD, Settings, USER, certificate};
use crate::support::scratch;

/// The ports of the server, each with a way of its own.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// STARTTLS and a log-in, as mail providers have it.
    Usual,
    /// TLS from the first byte.
    Wrapped,
    /// Every recipient is put off with 450.
    Defers,
    /// A second before the text, and a second before the answer to it.
    Slow,
    /// The certificate has expired.
    Expired,
    /// STARTTLS is not offered, as where somebody in between takes it away.
    Stripped,
}

const WAYS: [(Way, &str); 6] = [
    (Way::Usual, ""),
    (Way::Wrapped, "-o smtpd_tls_wrappermode=yes"),
    (
        Way::Defers,
        "-o { smtpd_recipient_restrictions = check_recipient_access static:{450 later} }",
    ),
    (
        Way::Slow,
        "-o { smtpd_data_restrictions = sleep 1 } -o { smtpd_end_of_data_restrictions = sleep 1 }",
    ),
    (Way::Expired, "-o smtpd_tls_cert_file=DIR/old.pem -o smtpd_tls_key_file=DIR/old.key"),
    (Way::Stripped, "-o smtpd_tls_security_level=none -o smtpd_tls_auth_only=no"),
];

const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = DIR/log
maillog_file_prefixes = DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.clinic.example
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = clinic.example, vendor.example
virtual_mailbox_base = DIR/mail
virtual_mailbox_maps = texthash:DIR/boxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_cert_file = DIR/new.pem
smtpd_tls_key_file = DIR/new.key
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = DIR/sasl
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_peername_lookup = no
smtpd_client_connection_rate_limit = 0
";

const MASTER: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

/// A running server.
pub(crate) struct Postfix {
    dir: tempfile::TempDir,
    ports: Vec<u16>,
    server: Option<Child>,
}

impl Postfix {
    /// Starts a server with mailboxes for `support@vendor.example`, `clinic@clinic.example` and
    /// `operator@vendor.example`.
    pub(crate) fn up() -> Self {
        let dir = scratch();
        let path = dir.path();
        certificate(path, "new", false);
        certificate(path, "old", true);
        certificate(path, "other", false);
        for folder in ["queue", "data", "mail", "sasl"] {
            std::fs::create_dir(path.join(folder)).unwrap();
        }
        let place = path.display().to_string();
        let listeners: Vec<TcpListener> =
            WAYS.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = listeners.iter().map(|l| l.local_addr().unwrap().port()).collect();
        let mut master = String::new();
        for ((_, options), port) in WAYS.iter().zip(&ports) {
            master.push_str(&format!("127.0.0.1:{port} inet n - n - - smtpd\n  {options}\n"));
        }
        master.push_str(MASTER);
        let boxes = "support@vendor.example support/\noperator@vendor.example operator/\n\
                     clinic@clinic.example clinic/\n";
        let sasl = "pwcheck_method: auxprop\nauxprop_plugin: sasldb\n\
                    sasldb_path: DIR/sasl/users\nmech_list: PLAIN LOGIN\n";
        for (name, text) in
            [("main.cf", MAIN), ("master.cf", &master), ("boxes", boxes), ("sasl/smtpd.conf", sasl)]
        {
            std::fs::write(path.join(name), text.replace("DIR", &place)).unwrap();
        }
        as_root(
            path,
            "chmod 755 . && chmod 777 mail && chown -R root . && chown postfix data && \
             printf '%s' \"$2\" | saslpasswd2 -p -c -f sasl/users -u mail.clinic.example \"$1\" && \
             chown postfix sasl/users",
            &[USER, PASSWORD],
        );
        drop(listeners);
        let mut server = Self { dir, ports, server: None };
        server.start();
        server
    }

    pub(crate) fn start(&mut self) {
        let dir = self.dir.path();
        let child = root("postfix")
            .args(["-c", &dir.display().to_string(), "start-fg"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.server = Some(child);
        let port = self.ports[0];
        let answers = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        wait_for(answers, || format!("the mail server: {}", self.log()));
    }

    pub(crate) fn stop(&mut self) {
        let Some(mut child) = self.server.take() else { return };
        let _ = root("postfix")
            .args(["-c", &self.dir.path().display().to_string(), "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let _ = child.wait();
    }

    /// What the clinic file says, to reach it in this way.
    pub(crate) fn settings(&self, way: Way) -> Settings {
        let at = WAYS.iter().position(|(known, _)| *known as u8 == way as u8).unwrap();
        Settings {
            port: self.ports[at],
            security: if matches!(way, Way::Wrapped) { "tls" } else { "starttls" },
            ca: self.file(if matches!(way, Way::Expired) { "old-ca.pem" } else { "new-ca.pem" }),
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Waits until everything that was taken over lies in a mailbox, and gives the mails of one.
    pub(crate) fn mailbox(&self, name: &str) -> Vec<PathBuf> {
        let dir = self.dir.path();
        let is_empty = || {
            let queue = "find queue/incoming queue/active queue/maildrop queue/deferred -type f";
            as_root(dir, queue, &[]).is_empty()
        };
        wait_for(is_empty, || format!("the queue to be empty: {}", self.log()));
        as_root(dir, "rm -rf seen && cp -r mail seen && chmod -R a+rX seen", &[]);
        let Ok(mails) = std::fs::read_dir(dir.join("seen").join(name).join("new")) else {
            return Vec::new();
        };
        mails.map(|mail| mail.unwrap().path()).collect()
    }

    pub(crate) fn log(&self) -> String {
        as_root(self.dir.path(), "cat log 2>/dev/null || true", &[])
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.stop();
        // Its files are root's.
        as_root(self.dir.path(), "rm -rf queue data mail seen sasl log", &[]);
    }
}

/// A program as root: what a mail server is started as.
fn root(program: &str) -> Command {
    if rustix::process::getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

fn as_root(dir: &Path, script: &str, args: &[&str]) -> String {
    let script = format!("cd \"$0\" && {script}");
    let output = root("sh").args(["-c", &script]).arg(dir).args(args).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn wait_for(mut done: impl FnMut() -> bool, what: impl Fn() -> String) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited too long for {}", what());
        std::thread::sleep(Duration::from_millis(20));
    }
}
