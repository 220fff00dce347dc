//! How fast characters are converted: rows as a clinic's dump has them, and ASCII.
//!
//! In the same run, for comparison: `encoding_rs` (whose EUC-JP is the web's, not PostgreSQL's)
//! and `iconv -f EUC-JP-MS`. The latter is a process, so its time includes starting it and two
//! pipes.

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};

use criterion::{Criterion, Throughput};
use orca_cutover::charset::{Hit, Mapping, Policy, SourceEncoding, Tally, Transcoder};

/// Bytes of each sample: more than any cache of the tables, less than memory's patience.
const SIZE: usize = 8 << 20;

/// Rows as COPY writes them: ids and dates, a name, its reading, an address, a disease, a note.
/// Everybody in them is made up.
fn rows() -> String {
    let names = ["試験　太郎", "見本　花子", "架空　次郎", "例示　さくら"];
    let kana = ["シケン　タロウ", "ミホン　ハナコ", "カクウ　ジロウ", "レイジ　サクラ"];
    let places = ["東京都架空区見本町１丁目２－３", "大阪府例市試験台４５６番地", "\\N"];
    let diseases = ["急性上気道炎", "高血圧症", "２型糖尿病・網膜症あり", "アレルギー性鼻炎"];
    let notes = ["", "定期受診。薬は朝夕食後、変更なし～次回採血", "電話連絡済"];
    let mut text = String::with_capacity(SIZE * 2);
    let mut number = 0_usize;
    while text.len() < SIZE * 3 / 2 {
        let of = |list: &[&'static str], step: usize| list[number / step % list.len()];
        text.push_str(&format!(
            "1\t{number}\t{}\t{}\t1\t196{}0{}1{}\t{}\t03-0000-{:04}\t{}\t8833421\t{}\t20261101\t093015\n",
            of(&names, 1), of(&kana, 1), number % 10, number % 9 + 1, number % 8, of(&places, 2),
            number % 10_000, of(&diseases, 3), of(&notes, 5),
        ));
        number += 1;
    }
    text
}

fn transcoder(source: SourceEncoding, policy: Policy) -> Transcoder {
    Transcoder::new(source, policy, Mapping::default())
}

fn iconv(bytes: &[u8], from: &str) -> Vec<u8> {
    let mut child = Command::new("iconv")
        .args(["-f", from, "-t", "UTF-8"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("iconv starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let bytes = bytes.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = child.wait_with_output().expect("iconv ends");
    feeder.join().expect("the feeder ends").expect("iconv reads all");
    assert!(output.status.success());
    output.stdout
}

fn compare(c: &mut Criterion) {
    let text = rows();
    let (euc, _, lost) = encoding_rs::EUC_JP.encode(&text);
    assert!(!lost, "the sample is in EUC-JP");
    let ascii: Vec<u8> =
        b"1\t20261101\t0000012345\t8833421\t\\N\tJPN000000000000\n".repeat(SIZE / 48);
    let samples: [(&str, SourceEncoding, &[u8]); 4] = [
        ("mixed EUC_JP", SourceEncoding::EucJp, &euc),
        ("mixed UTF8", SourceEncoding::Utf8, text.as_bytes()),
        ("ASCII as EUC_JP", SourceEncoding::EucJp, &ascii),
        ("ASCII as UTF8", SourceEncoding::Utf8, &ascii),
    ];
    for (name, source, bytes) in samples {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
        let mut out = Vec::with_capacity(bytes.len() * 2);
        for policy in [Policy::Orca, Policy::Postgres] {
            let transcoder = transcoder(source, policy);
            group.bench_function(format!("blocks of 256 kB, {policy}"), |b| {
                b.iter(|| {
                    out.clear();
                    let mut tally = Tally::default();
                    let (mut rest, mut hits) = (bytes, 0);
                    while !rest.is_empty() {
                        // A block ends with a row, as the archive's reader cuts them.
                        let most = rest.len().min(256 << 10);
                        let end =
                            rest[..most].iter().rposition(|b| *b == b'\n').expect("a row") + 1;
                        let mut note = |_: Hit<'_>| hits += 1;
                        transcoder.transcode_value(&rest[..end], &mut out, &mut tally, &mut note);
                        rest = &rest[end..];
                    }
                    assert_eq!(hits, 0, "the sample converts");
                    black_box(out.len())
                });
            });
        }
        if source == SourceEncoding::EucJp {
            group.bench_function("encoding_rs", |b| {
                let mut text = String::with_capacity(bytes.len() * 3);
                b.iter(|| {
                    text.clear();
                    let mut decoder = encoding_rs::EUC_JP.new_decoder_without_bom_handling();
                    let read = decoder.decode_to_string(bytes, &mut text, true);
                    black_box(read)
                });
            });
            group.bench_function("iconv, a process", |b| {
                b.iter(|| black_box(iconv(bytes, "EUC-JP-MS").len()));
            });
        }
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    compare(&mut criterion);
    criterion.final_summary();
}
