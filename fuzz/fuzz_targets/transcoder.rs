//! Any bytes as a clinic's text, in every source encoding and by every policy.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orca_cutover_fuzz::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder};

fn transcoded(transcoder: &Transcoder, bytes: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut hits) = (Vec::new(), 0);
    transcoder.transcode_value(bytes, &mut out, &mut Tally::default(), &mut |hit| {
        assert!(hit.offset < bytes.len());
        hits += 1;
    });
    (out, hits)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let source = [SourceEncoding::EucJp, SourceEncoding::Utf8, SourceEncoding::SqlAscii];
    let policy = [Policy::Orca, Policy::OrcaVendor, Policy::Postgres];
    let source = source[usize::from(first % 3)];
    let policy = policy[usize::from(first / 3 % 3)];
    let transcoder = Transcoder::new(source, policy, Mapping::default());
    let (whole, hits) = transcoded(&transcoder, bytes);
    let text = std::str::from_utf8(&whole).expect("what comes out is UTF-8");
    // U+FFFD stands for what was reported, unless it stood there before.
    let before = bytes.windows(3).any(|three| three == "\u{fffd}".as_bytes());
    if hits == 0 && !before {
        assert!(!text.contains('\u{fffd}'));
    }
    if source == SourceEncoding::SqlAscii {
        return;
    }
    // A block of rows is the sum of its values.
    let (mut joined, mut sum) = (Vec::new(), 0);
    for value in bytes.split_inclusive(|byte| *byte == b'\t' || *byte == b'\n') {
        let (out, hits) = transcoded(&transcoder, value);
        joined.extend_from_slice(&out);
        sum += hits;
    }
    assert_eq!((joined, sum), (whole, hits));
});
