//! One connection: SMTP's order of commands, TLS before anything else. It must not store a mail
//! in part.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::Shared;
use super::commands::{Command, plain_login};

/// Longest command line (RFC 5321 asks for 512 bytes; AUTH and parameters need more).
const MAX_LINE_BYTES: u64 = 2048;
/// Longest line of a mail (RFC 5322: 998 and the line break).
const MAX_DATA_LINE_BYTES: u64 = 1000;
/// Largest mail, as said in the answer to EHLO.
const MAX_MAIL_BYTES: usize = 32 * 1024 * 1024;
/// Recipients of one mail (RFC 5321 asks for 100).
const MAX_RECIPIENTS: usize = 100;
/// Commands that may be wrong before the connection is ended.
const MAX_ERRORS: u32 = 10;
/// Longest silence.
const IDLE: Duration = Duration::from_secs(60);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The state of one connection.
pub(super) struct Session<'a> {
    shared: &'a Shared,
    stream: BufReader<Box<dyn Stream>>,
    is_encrypted: bool,
    has_greeted: bool,
    has_logged_in: bool,
    sender: Option<String>,
    recipients: Vec<String>,
    errors: u32,
}

/// What comes after a command.
enum Next {
    Command,
    Encrypt,
    End,
}

impl<'a> Session<'a> {
    /// Serves a connection to its end.
    pub(super) async fn run(stream: TcpStream, shared: &'a Shared) -> io::Result<()> {
        let stream: Box<dyn Stream> = if shared.implicit_tls {
            Box::new(in_time(shared.tls.accept(stream)).await?)
        } else {
            Box::new(stream)
        };
        let mut session = Self::on(stream, shared, shared.implicit_tls);
        session.reply("220 localhost ESMTP rehearsal").await?;
        loop {
            match session.step().await? {
                Next::Command => {}
                Next::End => return Ok(()),
                Next::Encrypt => {
                    // What was sent before the handshake does not count (RFC 3207, 5): the old
                    // buffer goes with the old session, and clear text behind STARTTLS ends it.
                    if !session.stream.buffer().is_empty() {
                        return Ok(());
                    }
                    let clear = session.stream.into_inner();
                    let encrypted = in_time(shared.tls.accept(clear)).await?;
                    session = Self::on(Box::new(encrypted), shared, true);
                }
            }
        }
    }

    fn on(stream: Box<dyn Stream>, shared: &'a Shared, is_encrypted: bool) -> Self {
        Self {
            shared,
            stream: BufReader::new(stream),
            is_encrypted,
            has_greeted: false,
            has_logged_in: false,
            sender: None,
            recipients: Vec::new(),
            errors: 0,
        }
    }

    async fn step(&mut self) -> io::Result<Next> {
        let Some(line) = self.read_line(MAX_LINE_BYTES).await? else { return Ok(Next::End) };
        let command = match std::str::from_utf8(&line) {
            Ok(text) => Command::parse(text.trim_end_matches(['\r', '\n'])),
            Err(_) => Command::Unknown,
        };
        match command {
            Command::Ehlo => self.greet().await?,
            Command::Helo => {
                self.has_greeted = true;
                self.reply("250 localhost").await?;
            }
            Command::StartTls => return self.start_tls().await,
            Command::AuthPlain(answer) => self.log_in(answer).await?,
            Command::Mail(address) => self.begin(address).await?,
            Command::Rcpt(address) => self.add_recipient(address).await?,
            Command::Data => return self.take_mail().await,
            Command::Rset => {
                self.forget();
                self.reply("250 2.0.0 ok").await?;
            }
            Command::Noop => self.reply("250 2.0.0 ok").await?,
            Command::Quit => {
                self.reply("221 2.0.0 bye").await?;
                return Ok(Next::End);
            }
            Command::BadArgument => self.complain("501 5.5.4 syntax error in parameters").await?,
            Command::Unknown => self.complain("500 5.5.2 command unknown").await?,
        }
        Ok(if self.errors > MAX_ERRORS { Next::End } else { Next::Command })
    }

    async fn greet(&mut self) -> io::Result<()> {
        self.has_greeted = true;
        self.forget();
        let mut lines = vec!["localhost".to_owned(), format!("SIZE {MAX_MAIL_BYTES}")];
        lines.extend(["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"].map(str::to_owned));
        if !self.is_encrypted && !self.shared.with_faults(|faults| faults.no_starttls) {
            lines.push("STARTTLS".to_owned());
        }
        if self.is_encrypted && self.shared.login.is_some() {
            lines.push("AUTH PLAIN".to_owned());
        }
        let last = lines.len().saturating_sub(1);
        for (at, line) in lines.iter().enumerate() {
            let separator = if at == last { ' ' } else { '-' };
            self.reply(&format!("250{separator}{line}")).await?;
        }
        Ok(())
    }

    async fn start_tls(&mut self) -> io::Result<Next> {
        if self.is_encrypted || self.shared.with_faults(|faults| faults.no_starttls) {
            self.complain("503 5.5.1 STARTTLS is not offered").await?;
            return Ok(Next::Command);
        }
        self.reply("220 2.0.0 go ahead").await?;
        Ok(Next::Encrypt)
    }

    async fn log_in(&mut self, answer: Option<String>) -> io::Result<()> {
        let Some(expected) = &self.shared.login else {
            return self.complain("503 5.5.1 AUTH is not offered").await;
        };
        if !self.is_encrypted {
            return self.complain("538 5.7.11 encryption required").await;
        }
        let answer = match answer {
            Some(answer) => answer,
            None => {
                self.reply("334 ").await?;
                let line = self.read_line(MAX_LINE_BYTES).await?.unwrap_or_default();
                String::from_utf8_lossy(&line).trim().to_owned()
            }
        };
        if plain_login(&answer).as_ref() == Some(expected) {
            self.has_logged_in = true;
            self.reply("235 2.7.0 welcome").await
        } else {
            self.complain("535 5.7.8 user name or password is wrong").await
        }
    }

    async fn begin(&mut self, address: String) -> io::Result<()> {
        if !self.is_encrypted {
            return self.complain("530 5.7.0 must issue STARTTLS first").await;
        }
        if self.shared.login.is_some() && !self.has_logged_in {
            return self.complain("530 5.7.0 authentication required").await;
        }
        if !self.has_greeted || self.sender.is_some() {
            return self.complain("503 5.5.1 wrong order of commands").await;
        }
        self.sender = Some(address);
        self.reply("250 2.1.0 ok").await
    }

    async fn add_recipient(&mut self, address: String) -> io::Result<()> {
        if self.sender.is_none() {
            return self.complain("503 5.5.1 MAIL first").await;
        }
        if address.is_empty() {
            return self.complain("501 5.1.3 no address").await;
        }
        if self.recipients.len() >= MAX_RECIPIENTS {
            return self.reply("452 4.5.3 too many recipients").await;
        }
        let refusal = self.shared.with_faults(|faults| {
            if faults.refuse_addresses.contains(&address) || count_down(&mut faults.refuse_5xx) {
                Some("550 5.1.1 refused")
            } else if count_down(&mut faults.later_4xx) {
                Some("451 4.3.2 try again later")
            } else {
                None
            }
        });
        match refusal {
            Some(refusal) => self.reply(refusal).await,
            None => {
                self.recipients.push(address);
                self.reply("250 2.1.5 ok").await
            }
        }
    }

    async fn take_mail(&mut self) -> io::Result<Next> {
        if self.recipients.is_empty() {
            self.complain("503 5.5.1 RCPT first").await?;
            return Ok(Next::Command);
        }
        self.reply("354 end with a dot on a line").await?;
        if self.shared.with_faults(|faults| count_down(&mut faults.close_in_data)) {
            self.read_line(MAX_DATA_LINE_BYTES).await?;
            return Ok(Next::End);
        }
        let Some(mail) = self.read_mail().await? else { return Ok(Next::End) };
        self.forget();
        let Some(mail) = mail else {
            self.reply("552 5.3.4 too large, or a line is too long").await?;
            return Ok(Next::Command);
        };
        if self.shared.with_faults(|faults| count_down(&mut faults.hang)) {
            tokio::time::sleep(IDLE).await;
            return Ok(Next::End);
        }
        // A short wait for the disk; the server's other connections wait with it.
        if self.shared.store.add(&mail).is_err() {
            self.reply("452 4.3.1 cannot store").await?;
            return Ok(Next::Command);
        }
        if self.shared.with_faults(|faults| count_down(&mut faults.close_before_reply)) {
            return Ok(Next::End);
        }
        self.reply("250 2.0.0 stored").await?;
        Ok(Next::Command)
    }

    /// The mail with its dots as they were. `None`: the connection ended before the mail did.
    /// `Some(None)`: it was too large.
    async fn read_mail(&mut self) -> io::Result<Option<Option<Vec<u8>>>> {
        let mut mail = Vec::new();
        let mut is_too_large = false;
        loop {
            let Some(line) = self.read_line(MAX_DATA_LINE_BYTES).await? else { return Ok(None) };
            if line == b".\r\n" {
                return Ok(Some((!is_too_large).then_some(mail)));
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            is_too_large |= !line.ends_with(b"\r\n");
            is_too_large |= mail.len().saturating_add(line.len()) > MAX_MAIL_BYTES;
            if !is_too_large {
                mail.extend_from_slice(line);
            }
        }
    }

    /// A line with its line break; a piece without one where it is longer than `limit`. `None`:
    /// the other side has ended, or has been silent for too long.
    async fn read_line(&mut self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(limit);
        in_time(limited.read_until(b'\n', &mut line)).await?;
        Ok((!line.is_empty()).then_some(line))
    }

    fn forget(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    async fn complain(&mut self, line: &str) -> io::Result<()> {
        self.errors = self.errors.saturating_add(1);
        self.reply(line).await
    }

    async fn reply(&mut self, line: &str) -> io::Result<()> {
        let stream = self.stream.get_mut();
        in_time(async {
            stream.write_all(format!("{line}\r\n").as_bytes()).await?;
            stream.flush().await
        })
        .await
    }
}

fn count_down(left: &mut u32) -> bool {
    let has_one = *left > 0;
    *left = left.saturating_sub(1);
    has_one
}

async fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(IDLE, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
