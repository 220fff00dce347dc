//! What a file is that is no custom-format archive, judged by its first bytes.
//!
//! Packed files are looked into as far as their first block; nothing is ever unpacked to disk.

use std::io::{Cursor, Read};

use super::error::{Inside, OtherFormat, Packer};

/// Bytes that are looked at: enough for tar's mark at 257 and for the first block of a packed
/// text.
pub(super) const HEAD_BYTES: usize = 4096;
/// Bytes that are unpacked to see what is inside.
const INSIDE_BYTES: u64 = 512;

/// Names what begins with `head`.
pub(super) fn sniff(head: &[u8]) -> OtherFormat {
    if head.is_empty() {
        return OtherFormat::Empty;
    }
    if let Some(by) = packer(head) {
        return OtherFormat::Packed { by, inside: inside(by, head) };
    }
    if head.get(257..262) == Some(b"ustar") || head.starts_with(b"toc.dat\0") {
        return OtherFormat::Tar;
    }
    // A shell that re-encodes what passes through a redirection spoils every binary dump.
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return OtherFormat::Utf16;
    }
    text(head)
}

fn text(head: &[u8]) -> OtherFormat {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let sql = ["--", "\\restrict", "\\connect", "SET ", "CREATE ", "COPY ", "BEGIN", "/*"];
    if text.get(..200.min(text.len())).unwrap_or(text).contains("PostgreSQL database cluster dump")
    {
        OtherFormat::ClusterSql
    } else if sql.iter().any(|start| text.starts_with(start)) {
        OtherFormat::PlainSql
    } else {
        OtherFormat::Unknown
    }
}

fn packer(head: &[u8]) -> Option<Packer> {
    const MARKS: [(&[u8], Packer); 6] = [
        (&[0x1f, 0x8b], Packer::Gzip),
        (&[0x28, 0xb5, 0x2f, 0xfd], Packer::Zstd),
        (&[0x04, 0x22, 0x4d, 0x18], Packer::Lz4),
        (&[0xfd, b'7', b'z', b'X', b'Z', 0], Packer::Xz),
        (b"BZh", Packer::Bzip2),
        (b"PK\x03\x04", Packer::Zip),
    ];
    MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, by)| *by)
}

/// What the packed file's first bytes are. The head breaks off in mid-stream, so an error after
/// some bytes is as good as an end.
fn inside(by: Packer, head: &[u8]) -> Inside {
    let source = Cursor::new(head);
    let first = match by {
        Packer::Gzip => some_bytes(flate2::read::GzDecoder::new(source)),
        Packer::Lz4 => some_bytes(lz4_flex::frame::FrameDecoder::new(source)),
        Packer::Zstd => {
            ruzstd::decoding::StreamingDecoder::new(source).map(some_bytes).unwrap_or_default()
        }
        Packer::Xz | Packer::Bzip2 | Packer::Zip => Vec::new(),
    };
    if first.starts_with(super::header::MAGIC) {
        return Inside::Archive;
    }
    match sniff_plain(&first) {
        OtherFormat::PlainSql | OtherFormat::ClusterSql => Inside::Sql,
        _ => Inside::Other,
    }
}

fn sniff_plain(first: &[u8]) -> OtherFormat {
    if first.is_empty() { OtherFormat::Unknown } else { text(first) }
}

fn some_bytes(source: impl Read) -> Vec<u8> {
    let mut source = source.take(INSIDE_BYTES);
    let mut bytes = Vec::new();
    let mut buffer = [0; 128];
    while let Ok(read @ 1..) = source.read(&mut buffer) {
        bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    const SQL: &[u8] = b"--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'EUC_JP';\n";

    fn packed(program: &str, bytes: &[u8]) -> Vec<u8> {
        let mut child = Command::new(program)
            .arg("-c")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
        child.wait_with_output().unwrap().stdout
    }

    #[test]
    fn other_formats_are_called_by_their_names() {
        assert_eq!(sniff(b""), OtherFormat::Empty);
        assert_eq!(sniff(SQL), OtherFormat::PlainSql);
        assert_eq!(sniff(b"\\restrict abc\n"), OtherFormat::PlainSql);
        let cluster = b"--\n-- PostgreSQL database cluster dump\n--\n";
        assert_eq!(sniff(cluster), OtherFormat::ClusterSql);
        assert_eq!(sniff(b"toc.dat\0\0"), OtherFormat::Tar);
        assert_eq!(sniff(b"\xff\xfeP\0G\0"), OtherFormat::Utf16);
        assert_eq!(sniff(b"\x7fELF"), OtherFormat::Unknown);
        let zip = OtherFormat::Packed { by: Packer::Zip, inside: Inside::Other };
        assert_eq!(sniff(b"PK\x03\x04"), zip);
    }

    #[test]
    fn packed_files_are_looked_into() {
        let archive = [super::super::header::MAGIC.as_slice(), &[0; 600]].concat();
        // gzip is everywhere; the other packers' output is in the fixtures of the archive tests.
        for (bytes, inside) in
            [(SQL, Inside::Sql), (&archive, Inside::Archive), (b"hello", Inside::Other)]
        {
            let head = packed("gzip", bytes);
            assert_eq!(sniff(&head), OtherFormat::Packed { by: Packer::Gzip, inside });
        }
        let lz4 = b"\x04\x22\x4d\x18\x60\x40\x82\x05\x00\x00\x80PGDMP\x00\x00\x00\x00";
        let expected = OtherFormat::Packed { by: Packer::Lz4, inside: Inside::Archive };
        assert_eq!(sniff(lz4), expected);
        let zstd = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00PGDMP";
        let expected = OtherFormat::Packed { by: Packer::Zstd, inside: Inside::Archive };
        assert_eq!(sniff(zstd), expected);
        let xz = OtherFormat::Packed { by: Packer::Xz, inside: Inside::Other };
        assert_eq!(sniff(b"\xfd7zXZ\x00\x00"), xz);
    }

    #[test]
    fn a_head_that_breaks_off_is_no_panic() {
        for packed in [packed("gzip", SQL), b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00PGDMP".to_vec()] {
            for length in 0..packed.len() {
                let _ = sniff(&packed[..length]);
            }
        }
    }
}
