//! Reads back a mail that this room wrote: headers and text, for a person at the terminal. It must
//! not be given mails of others.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::MailError;

/// A mail for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadMail {
    /// Names and values in their order, decoded.
    pub headers: Vec<(String, String)>,
    /// The text.
    pub text: String,
}

/// Reads a mail's headers and its text; attachments are left out.
///
/// # Errors
/// Where the bytes are no mail as this room writes it.
pub fn read_mail(mail: &[u8]) -> Result<ReadMail, MailError> {
    let damaged = MailError::Letter { reason: "not a mail of this program" };
    read(mail).ok_or(damaged)
}

fn read(mail: &[u8]) -> Option<ReadMail> {
    let mail = std::str::from_utf8(mail).ok()?.replace("\r\n", "\n");
    let (head, body) = mail.split_once("\n\n")?;
    let headers = headers(head);
    let (_, kind) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    let boundary = kind.split_once("boundary=\"")?.1.split('"').next()?;
    let first = body.split(&format!("--{boundary}")).nth(1)?;
    let (_, base64) = first.trim_start().split_once("\n\n")?;
    let packed: String = base64.split_whitespace().collect();
    let text = String::from_utf8(STANDARD.decode(packed).ok()?).ok()?.replace("\r\n", "\n");
    Some(ReadMail { headers, text })
}

/// One pair for each header; folded lines are joined (RFC 5322, 2.2.3).
fn headers(head: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.lines() {
        match (line.starts_with([' ', '\t']), headers.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim_start());
            }
            _ => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                headers.push((name.to_owned(), value.trim_start().to_owned()));
            }
        }
    }
    for (_, value) in &mut headers {
        *value = decoded(value);
    }
    headers
}

/// Encoded words in the form in which they are written here, `=?utf-8?b?...?=`; blanks between
/// two of them do not count (RFC 2047, 6.2).
fn decoded(value: &str) -> String {
    const OPEN: &str = "=?utf-8?b?";
    let mut out = String::new();
    let mut bytes = Vec::new();
    let mut rest = value;
    while let Some((before, word, after)) = next_word(rest, OPEN) {
        if bytes.is_empty() || !before.trim().is_empty() {
            out.push_str(&String::from_utf8_lossy(&std::mem::take(&mut bytes)));
            out.push_str(before);
        }
        bytes.extend(STANDARD.decode(word).unwrap_or_default());
        rest = after;
    }
    out.push_str(&String::from_utf8_lossy(&bytes));
    out.push_str(rest);
    out
}

fn next_word<'a>(text: &'a str, open: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, rest) = text.split_once(open)?;
    let (word, after) = rest.split_once("?=")?;
    Some((before, word, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Attachment, Letter, MessageId};

    #[test]
    fn a_mail_is_read_back_as_it_was_written() {
        let letter = Letter {
            to: vec!["院長 <clinic@clinic.example>".into(), "b@vendor.example".into()],
            subject:
                "【リハーサル】とても長い件名が何行にも折り返されるほど長く続いていること / long"
                    .into(),
            body: "一行目\n\n--\n.\n終わり\n".into(),
            attachments: vec![Attachment::text("エラー.log", "x")],
        };
        let id = MessageId::fresh("a@clinic.example").unwrap();
        let at = crate::clock::Clock::System.now();
        let mail = letter.render("移行 <a@clinic.example>", &id, &at).unwrap();
        let read = read_mail(&mail).unwrap();
        assert_eq!(read.text, letter.body);
        let header = |wanted: &str| {
            let found = read.headers.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).unwrap()
        };
        assert_eq!(header("Subject"), letter.subject);
        assert_eq!(header("Message-ID"), id.as_str());
        assert!(header("To").contains("院長") && header("To").contains("b@vendor.example"));
        assert!(read_mail(b"nonsense").is_err());
    }
}
