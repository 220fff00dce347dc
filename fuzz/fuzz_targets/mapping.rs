//! Any text as a mapping file. One that is accepted must be usable for any table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orca_cutover_fuzz::charset::{Mapping, Policy, SourceEncoding, Tally, Transcoder};

/// Text with every kind of code in it.
const SAMPLE: &[u8] = b"a\xb0\xa1\x8e\xb6\x8e\xde\xad\xa1\xa9\xa1\xfc\xe2\x8f\xf4\xfb\x8f\xb0\xa1\n";

fuzz_target!(|text: &str| {
    let Ok(mapping) = text.parse::<Mapping>() else { return };
    for policy in [Policy::Orca, Policy::OrcaVendor, Policy::Postgres] {
        let transcoder = Transcoder::new(SourceEncoding::EucJp, policy, mapping.clone());
        let narrowed = transcoder.for_table("public", "tbl_ptinf");
        let mut out = Vec::new();
        narrowed.transcode_value(SAMPLE, &mut out, &mut Tally::default(), &mut |_| {});
        let out = String::from_utf8(out).expect("what comes out is UTF-8");
        // A rule can never break a row apart.
        assert!(out.starts_with('a') && out.matches('\n').count() == 1 && out.ends_with('\n'));
    }
});
