//! Is it a text? UTF-8 only: a guess at another encoding would change names without a word.

use super::FeedError;

/// What came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// What the server calls it.
    pub(super) content_type: Option<String>,
}

/// The text, without a byte order mark.
pub(super) fn check(answer: Answer, place: &str) -> Result<String, FeedError> {
    let kind = answer.content_type.unwrap_or_default().to_ascii_lowercase();
    if let Some(encoding) = other_encoding(&answer.bytes, &kind) {
        return Err(FeedError::Encoding { place: place.to_owned(), encoding });
    }
    let text = String::from_utf8(answer.bytes)
        .map_err(|_| FeedError::Encoding { place: place.to_owned(), encoding: "binary" })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let start: String = text.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    let is_page = start.starts_with("<!doctype html") || start.starts_with("<html");
    if is_page || kind.starts_with("text/html") || kind.starts_with("application/xhtml") {
        return Err(FeedError::Html { place: place.to_owned() });
    }
    Ok(text.to_owned())
}

/// The encoding, where it is certainly not UTF-8. What a server says counts only where the bytes
/// are no UTF-8: many name an encoding that they do not use.
fn other_encoding(bytes: &[u8], kind: &str) -> Option<&'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some("UTF-16");
    }
    // Escapes into JIS X 0208; ISO-2022-JP is also valid UTF-8, of nonsense.
    if [&b"\x1b$B"[..], b"\x1b$@", b"\x1b(J"].iter().any(|escape| contains(bytes, escape)) {
        return Some("ISO-2022-JP");
    }
    if bytes.contains(&0) {
        return Some("binary");
    }
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    if kind.contains("euc-jp") {
        return Some("EUC-JP");
    }
    if kind.contains("shift_jis") || kind.contains("windows-31j") || looks_like_shift_jis(bytes) {
        return Some("Shift_JIS");
    }
    Some("binary")
}

fn contains(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}

/// True where every byte beyond ASCII fits Shift_JIS: pairs with their lead and trail bytes, and
/// half-width katakana.
fn looks_like_shift_jis(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            0x00..=0x7f | 0xa1..=0xdf => {}
            0x81..=0x9f | 0xe0..=0xfc => match rest.next() {
                Some(0x40..=0x7e | 0x80..=0xfc) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    true
}
