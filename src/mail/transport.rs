//! One talk with an SMTP server: TLS always, one letter, an outcome for each recipient. It must
//! not know the spool and must never send in the clear.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use super::letter::mailbox;
use super::{MailError, Stage};
use crate::playbook::MailSecurity;
use crate::secret::{ExposeSecret, SecretRef};

/// Longest time one stage may take where the clinic's file does not say (RFC 5321 asks for 5
/// minutes; a cutover cannot wait that long for a notice).
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time for a letter's content: 10 MB over a slow line, and a virus scanner behind it.
pub(super) const DEFAULT_CONTENT_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// Largest root certificate file: some hundred certificates.
const MAX_CA_BYTES: u64 = 1024 * 1024;
/// Longest time for a polite good-bye.
const QUIT_TIME: Duration = Duration::from_secs(5);

/// How to reach the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpConfig {
    /// The server's name, as in its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The address to connect to; `host` is looked up where it is left out. The certificate must
    /// name `host` in any case.
    pub connect_to: Option<IpAddr>,
    /// STARTTLS, or TLS from the first byte.
    pub security: MailSecurity,
    /// A private root certificate, PEM: then the only root. The system's roots otherwise.
    pub ca: Option<PathBuf>,
    /// User name for AUTH.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretRef>,
    /// Longest time for one stage.
    pub timeout: Duration,
    /// Longest time for a letter's content and the answer to it.
    pub content_timeout: Duration,
}

impl SmtpConfig {
    /// From the clinic file. `resolve` is the address of a rehearsal's server.
    pub fn of_clinic(mail: &crate::playbook::Mail, connect_to: Option<IpAddr>) -> Self {
        Self {
            host: mail.host.clone(),
            port: mail.port,
            connect_to,
            security: mail.security,
            ca: mail.ca.clone(),
            user: mail.user.clone(),
            password: mail.password.clone(),
            timeout: DEFAULT_TIMEOUT,
            content_timeout: DEFAULT_CONTENT_TIMEOUT,
        }
    }
}

/// Connects, encrypts, logs in and says good-bye: what a server does before it takes a letter.
///
/// # Errors
/// As a delivery's.
pub async fn reach(config: &SmtpConfig) -> Result<(), MailError> {
    Session::open(config).await?.close().await;
    Ok(())
}

/// What became of one recipient.
pub(super) type PerRecipient = Vec<(String, Result<(), MailError>)>;

/// A connection that is encrypted and, where asked for, logged in.
pub(super) struct Session<'a> {
    config: &'a SmtpConfig,
    connection: AsyncSmtpConnection,
}

impl<'a> Session<'a> {
    /// Connects, encrypts, logs in.
    pub(super) async fn open(config: &'a SmtpConfig) -> Result<Self, MailError> {
        let tls = tls_parameters(config)?;
        let hello = ClientId::default();
        let wrapped = (config.security == MailSecurity::Tls).then(|| tls.clone());
        // With TLS from the first byte, what fails after the connection is nearly always TLS.
        let connect = async {
            let timeout = Some(config.timeout);
            match config.connect_to {
                Some(ip) => {
                    let server = (ip, config.port);
                    AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, wrapped, None)
                        .await
                }
                None => {
                    let server = (config.host.as_str(), config.port);
                    AsyncSmtpConnection::connect_tokio1(server, timeout, &hello, wrapped, None)
                        .await
                }
            }
        };
        let connection = limited(config, Stage::Connect, config.timeout, connect).await?;
        let mut session = Self { config, connection };
        if config.security == MailSecurity::Starttls {
            if !session.connection.can_starttls() {
                session.close().await;
                return Err(MailError::NoStarttls { host: config.host.clone() });
            }
            let upgrade = session.connection.starttls(tls, &hello);
            limited(config, Stage::Tls, config.timeout, upgrade).await?;
        }
        session.log_in().await?;
        Ok(session)
    }

    async fn log_in(&mut self) -> Result<(), MailError> {
        let (Some(user), Some(password)) = (&self.config.user, &self.config.password) else {
            return Ok(());
        };
        let password = password.read().map_err(MailError::Password)?;
        // A file's last line break is no part of the password.
        let text = password.expose_secret().trim_end_matches(['\r', '\n']).to_owned();
        let credentials = Credentials::new(user.clone(), text);
        let attempt = self.connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
        match limited(self.config, Stage::Login, self.config.timeout, attempt).await {
            Err(MailError::Refused { code, .. }) => Err(MailError::LoginRefused { code }),
            other => other.map(|_| ()),
        }
    }

    /// Sends one letter. A refused recipient does not keep it from the others; an error means
    /// that nobody is known to have it.
    pub(super) async fn send(
        &mut self,
        from: &str,
        to: &[String],
        mail: &[u8],
    ) -> Result<PerRecipient, MailError> {
        let sender = mailbox(from)?.email;
        let config = self.config;
        let command = self.connection.command(Mail::new(Some(sender), Vec::new()));
        limited(config, Stage::Envelope, config.timeout, command).await?;
        let mut outcomes = Vec::with_capacity(to.len());
        for address in to {
            let outcome = self.name_recipient(address).await;
            if let Err(lost @ (MailError::Lost { .. } | MailError::TimedOut { .. })) = outcome {
                return Err(lost);
            }
            outcomes.push((address.clone(), outcome));
        }
        if outcomes.iter().all(|(_, outcome)| outcome.is_err()) {
            return Ok(outcomes);
        }
        limited(config, Stage::Content, config.timeout, self.connection.command(Data)).await?;
        let content = self.connection.message(mail);
        limited(config, Stage::Content, config.content_timeout, content).await?;
        Ok(outcomes)
    }

    async fn name_recipient(&mut self, address: &str) -> Result<(), MailError> {
        let address: Address = mailbox(address)?.email;
        let command = self.connection.command(Rcpt::new(address, Vec::new()));
        limited(self.config, Stage::Envelope, self.config.timeout, command).await.map(|_| ())
    }

    /// Says good-bye; the outcome of the letter is known already.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(QUIT_TIME, self.connection.abort()).await;
    }
}

fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, MailError> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca {
        builder =
            builder.certificate_store(CertificateStore::None).add_root_certificate(read_ca(path)?);
    }
    builder
        .build()
        .map_err(|error| MailError::Tls { host: config.host.clone(), reason: reason_of(&error) })
}

fn read_ca(path: &Path) -> Result<Certificate, MailError> {
    use std::io::Read;
    let failed = |reason: String| MailError::Ca { path: path.to_owned(), reason };
    let file = std::fs::File::open(path).map_err(|error| failed(error.kind().to_string()))?;
    let mut pem = Vec::new();
    file.take(MAX_CA_BYTES)
        .read_to_end(&mut pem)
        .map_err(|error| failed(error.kind().to_string()))?;
    if !pem.windows(10).any(|window| window == b"-----BEGIN") {
        return Err(failed("no PEM certificate in it".to_owned()));
    }
    Certificate::from_pem(&pem).map_err(|_| failed("not a PEM certificate".to_owned()))
}

async fn limited<T>(
    config: &SmtpConfig,
    stage: Stage,
    limit: Duration,
    work: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, MailError> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(mail_error(config, stage, &error)),
        Err(_) => Err(MailError::TimedOut { host: config.host.clone(), stage }),
    }
}

fn mail_error(config: &SmtpConfig, stage: Stage, error: &SmtpError) -> MailError {
    let host = config.host.clone();
    if let Some(code) = error.status() {
        let code: u16 = code.into();
        return if error.is_permanent() {
            MailError::Refused { code, stage }
        } else {
            MailError::Later { code, stage }
        };
    }
    if error.is_timeout() {
        return MailError::TimedOut { host, stage };
    }
    let tls_failed = error.is_tls() || has_tls_cause(error) || stage == Stage::Tls;
    match stage {
        _ if tls_failed => MailError::Tls { host, reason: reason_of(error) },
        Stage::Connect => {
            MailError::NotReachable { host, port: config.port, reason: reason_of(error) }
        }
        _ => MailError::Lost { host, stage },
    }
}

fn has_tls_cause(error: &SmtpError) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The innermost cause: of the operating system or the TLS library, never the server's words.
fn reason_of(error: &SmtpError) -> String {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    let mut reason = "no further cause".to_owned();
    while let Some(error) = cause {
        reason = error.to_string();
        cause = error.source();
    }
    reason.chars().take(200).collect()
}
