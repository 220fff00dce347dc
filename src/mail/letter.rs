//! A letter and how it becomes a mail (RFC 5322). It must not know what the letter is about.

use std::fmt;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{
    Attachment as MailAttachment, Body, Mailbox, Message, MultiPart, SinglePart,
};
use serde::{Deserialize, Serialize};

use super::MailError;
use super::entry::Enclosed;
use crate::clock::Jst;

/// Attachments above this many bytes are compressed: small ones stay readable in any mail
/// program.
const GZIP_ABOVE_BYTES: usize = 64 * 1000;
/// Bytes of one attachment; of a longer one head and tail are kept. Mail servers commonly take
/// 10 MB in all, and base64 adds a third.
const MAX_ATTACHMENT_BYTES: usize = 5 * 1000 * 1000;
/// Characters of a subject: more is cut by mail programs anyhow.
const MAX_SUBJECT_CHARS: usize = 200;

/// A letter before it has a sender, an id and a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Recipients: addresses, with or without a name.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Attachments.
    pub attachments: Vec<Attachment>,
}

/// A file sent along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Such as `text/plain; charset=utf-8`.
    pub media_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A mail's id, with its angle brackets. It is made before the first attempt to send, so that a
/// mail that arrives twice can be seen to be one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// A fresh id in the domain of the sender's address.
    ///
    /// # Errors
    /// Where `from` is no address.
    pub fn fresh(from: &str) -> Result<Self, MailError> {
        let domain = mailbox(from)?.email.domain().to_owned();
        Ok(Self(format!("<{}@{domain}>", uuid::Uuid::now_v7())))
    }

    /// `<01980000-...@clinic.example>`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`: the name of the spool's files. Only hexadecimal digits and `-`
    /// are kept, whatever a spool file claims.
    pub fn stem(&self) -> String {
        let left = self.0.split('@').next().unwrap_or_default();
        left.chars().filter(|c| c.is_ascii_hexdigit() || *c == '-').take(64).collect()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads `name <address>` or `address`.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, MailError> {
    text.parse().map_err(|_| MailError::Address { address: text.to_owned() })
}

impl Letter {
    /// The attachments as they are named and sized in the mail.
    pub(super) fn enclosed(&self) -> Result<Vec<Enclosed>, MailError> {
        let packed = self.attachments.iter().map(Attachment::packed);
        packed
            .map(|packed| {
                let (name, _, bytes) = packed?;
                Ok(Enclosed { name, bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX) })
            })
            .collect()
    }

    /// The mail's bytes: ASCII only, CRLF, so that every server passes it on unchanged.
    ///
    /// # Errors
    /// Where an address is none, or there is no recipient.
    pub fn render(&self, from: &str, id: &MessageId, at: &Jst) -> Result<Vec<u8>, MailError> {
        if self.to.is_empty() {
            return Err(MailError::Letter { reason: "no recipient" });
        }
        let mut builder = Message::builder()
            .from(mailbox(from)?)
            .subject(one_line(&self.subject))
            .message_id(Some(id.as_str().to_owned()));
        for to in &self.to {
            builder = builder.to(mailbox(to)?);
        }
        let mut parts = MultiPart::mixed().singlepart(
            SinglePart::builder()
                .header(ContentType::TEXT_PLAIN)
                .body(base64(self.body.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes())?),
        );
        for attachment in &self.attachments {
            parts = parts.singlepart(attachment.part()?);
        }
        let mut message = builder
            .multipart(parts)
            .map_err(|_| MailError::Letter { reason: "headers are incomplete" })?;
        let headers = message.headers_mut();
        headers.insert_raw(raw_header("Date", at.to_rfc2822()));
        // Answering machines and list servers leave such mail alone (RFC 3834).
        headers.insert_raw(raw_header("Auto-Submitted", "auto-generated".to_owned()));
        Ok(message.formatted())
    }
}

impl Attachment {
    /// A UTF-8 text.
    pub fn text(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            media_type: "text/plain; charset=utf-8".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    /// Name, media type and bytes as they go along: cut where too long, compressed where large.
    fn packed(&self) -> Result<(String, &str, Vec<u8>), MailError> {
        let bytes = head_and_tail(&self.bytes, MAX_ATTACHMENT_BYTES);
        if bytes.len() > GZIP_ABOVE_BYTES {
            let name = one_line(&format!("{}.gz", self.name));
            return Ok((name, "application/gzip", gzip(&bytes)?));
        }
        Ok((one_line(&self.name), self.media_type.as_str(), bytes))
    }

    fn part(&self) -> Result<SinglePart, MailError> {
        let (name, media_type, bytes) = self.packed()?;
        let content_type = ContentType::parse(media_type)
            .or_else(|_| ContentType::parse("application/octet-stream"))
            .map_err(|_| MailError::Letter { reason: "media type" })?;
        Ok(MailAttachment::new(name).body(base64(bytes)?, content_type))
    }
}

fn base64(bytes: Vec<u8>) -> Result<Body, MailError> {
    Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
        .map_err(|_| MailError::Letter { reason: "base64" })
}

fn raw_header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}

/// A header's text: a line break in it would begin another header.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_SUBJECT_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn head_and_tail(bytes: &[u8], limit: usize) -> Vec<u8> {
    if bytes.len() <= limit {
        return bytes.to_vec();
    }
    let half = limit / 2;
    let tail_from = bytes.len().saturating_sub(half);
    let left_out = bytes.len().saturating_sub(half.saturating_mul(2));
    let mut kept = bytes.get(..half).unwrap_or_default().to_vec();
    kept.extend_from_slice(format!("\n[{left_out} bytes left out]\n").as_bytes());
    kept.extend_from_slice(bytes.get(tail_from..).unwrap_or_default());
    kept
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, MailError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|_| MailError::Letter { reason: "gzip" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str) -> Letter {
        Letter {
            to: vec!["a@clinic.example".into()],
            subject: subject.into(),
            body: "本文".into(),
            attachments: Vec::new(),
        }
    }

    fn rendered(letter: &Letter) -> String {
        let id = MessageId::fresh("x@vendor.example").unwrap();
        let at = crate::clock::to_jst(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        String::from_utf8(letter.render("x@vendor.example", &id, &at).unwrap()).unwrap()
    }

    #[test]
    fn a_line_break_in_a_subject_makes_no_header() {
        let mail = rendered(&letter("x\r\nBcc: thief@example.org"));
        assert!(!mail.lines().any(|line| line.starts_with("Bcc")));
    }

    #[test]
    fn a_mail_is_ascii_and_carries_the_clinics_zone() {
        let mail = rendered(&letter("日本語の件名"));
        assert!(mail.is_ascii());
        assert!(mail.contains("Date: Fri, 15 Jan 2027 17:00:00 +0900\r\n"), "{mail}");
        assert!(mail.lines().all(|line| line.len() <= 998));
    }

    #[test]
    fn a_huge_attachment_keeps_head_and_tail() {
        let mut bytes = vec![b'a'; 6_000_000];
        bytes.extend_from_slice(b"the end");
        let kept = head_and_tail(&bytes, MAX_ATTACHMENT_BYTES);
        assert!(kept.len() < MAX_ATTACHMENT_BYTES + 100 && kept.ends_with(b"the end"));
        assert!(String::from_utf8_lossy(&kept).contains("[1000007 bytes left out]"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let mut bad = letter("x");
        bad.to = vec!["no address".into()];
        let id = MessageId::fresh("x@vendor.example").unwrap();
        let at = crate::clock::Clock::System.now();
        assert!(matches!(bad.render("x@vendor.example", &id, &at), Err(MailError::Address { .. })));
        assert_eq!(MessageId("<../../etc@x>".into()).stem(), "ec");
    }
}
