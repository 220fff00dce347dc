//! SMTP's command lines. Pure; it must not know a session's state.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A command of RFC 5321 with its argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Ehlo,
    Helo,
    StartTls,
    /// `AUTH PLAIN`, with the answer where it came along.
    AuthPlain(Option<String>),
    Mail(String),
    Rcpt(String),
    Data,
    Rset,
    Noop,
    Quit,
    /// A known command whose argument is wrong.
    BadArgument,
    /// Nothing that this server knows.
    Unknown,
}

impl Command {
    /// Reads a line without its line break.
    pub(super) fn parse(line: &str) -> Self {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim();
        let bare = |command: Self| if argument.is_empty() { command } else { Self::BadArgument };
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if !argument.is_empty() => Self::Ehlo,
            "HELO" if !argument.is_empty() => Self::Helo,
            "EHLO" | "HELO" => Self::BadArgument,
            "STARTTLS" => bare(Self::StartTls),
            "AUTH" => auth(argument),
            "MAIL" => path_after(argument, "FROM:").map_or(Self::BadArgument, Self::Mail),
            "RCPT" => path_after(argument, "TO:").map_or(Self::BadArgument, Self::Rcpt),
            "DATA" => bare(Self::Data),
            "RSET" => bare(Self::Rset),
            "NOOP" => Self::Noop,
            "QUIT" => bare(Self::Quit),
            _ => Self::Unknown,
        }
    }
}

fn auth(argument: &str) -> Command {
    let (mechanism, answer) = argument.split_once(' ').unwrap_or((argument, ""));
    if !mechanism.eq_ignore_ascii_case("PLAIN") {
        return Command::BadArgument;
    }
    Command::AuthPlain(Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty()))
}

/// `FROM:<a@b> SIZE=10 BODY=8BITMIME` → `a@b`. A size above the limit is found in DATA anyhow.
fn path_after(argument: &str, keyword: &str) -> Option<String> {
    let (start, rest) = argument.split_at_checked(keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (address, _parameters) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    let is_clean = address.chars().all(|c| !c.is_control() && !matches!(c, ' ' | '<'));
    // The empty path is the sender of a bounce.
    (is_clean && (address.is_empty() || address.contains('@'))).then(|| address.to_owned())
}

/// User and password of an AUTH PLAIN answer: base64 of `authzid NUL user NUL password`.
pub(super) fn plain_login(answer: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(answer).ok()?).ok()?;
    let mut parts = text.split('\0');
    let (_, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then(|| (user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_strictly() {
        assert_eq!(Command::parse("mail from:<a@b> SIZE=5"), Command::Mail("a@b".into()));
        assert_eq!(Command::parse("MAIL FROM:<>"), Command::Mail(String::new()));
        assert_eq!(Command::parse("RCPT TO:a@b"), Command::BadArgument);
        assert_eq!(Command::parse("RCPT TO:<a b@c>"), Command::BadArgument);
        assert_eq!(Command::parse("DATA x"), Command::BadArgument);
        assert_eq!(Command::parse("EHLO"), Command::BadArgument);
        assert_eq!(Command::parse("VRFY root"), Command::Unknown);
    }

    #[test]
    fn a_plain_answer_is_taken_apart() {
        // printf '\0user\0secret' | base64
        assert_eq!(plain_login("AHVzZXIAc2VjcmV0"), Some(("user".into(), "secret".into())));
        assert_eq!(plain_login("!!"), None);
        assert_eq!(plain_login("dXNlcg=="), None);
    }
}
