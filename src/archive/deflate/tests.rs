//! Against other people's inflate: zlib-rs in this process, and zlib itself through Python.

use std::io::Write;
use std::process::{Command, Stdio};

use flate2::{Decompress, FlushDecompress, Status};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{END, Effort, Encoder, adler32, adler32_combine};

const EFFORTS: [Effort; 3] = [Effort::Fast, Effort::Default, Effort::Small];

/// One raw stream from chunks of so many bytes, each primed with what came before it.
fn deflated(effort: Effort, data: &[u8], chunk: usize) -> Vec<u8> {
    let mut encoder = Encoder::new(effort);
    let mut out = Vec::new();
    for start in (0..data.len().max(1)).step_by(chunk) {
        let end = (start + chunk).min(data.len());
        encoder.chunk(&data[..end], start, &mut out);
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]), "a chunk ends with a sync flush");
    }
    out.extend_from_slice(&END);
    out
}

/// What zlib-rs reads out of it; the stream must end with its last byte.
fn inflated(stream: &[u8], length: usize) -> Vec<u8> {
    let mut inflate = Decompress::new(false);
    let mut data = vec![0; length + 1];
    let status = inflate.decompress(stream, &mut data, FlushDecompress::Finish);
    assert_eq!(status.expect("a valid stream"), Status::StreamEnd);
    assert_eq!(inflate.total_in(), stream.len() as u64);
    data.truncate(inflate.total_out() as usize);
    data
}

#[track_caller]
fn comes_back(data: &[u8], chunk: usize) {
    for effort in EFFORTS {
        let stream = deflated(effort, data, chunk);
        assert!(inflated(&stream, data.len()) == data, "{effort:?}, {} bytes", data.len());
    }
}

/// Bytes without pattern, the same in every run.
fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.push((seed >> 56) as u8);
    }
    bytes
}

/// Rows as a table gives them: padded numbers, dates, names, nulls, who and when.
fn rows(count: usize) -> Vec<u8> {
    let names = ["見本 太郎", "見本 花子", "試験 一郎", "ミホン ハナコ", "\\N", ""];
    let noise = noise(count * 4, 7);
    let mut text = Vec::new();
    for (row, dice) in noise.chunks_exact(4).enumerate() {
        let name = names[usize::from(dice[0]) % names.len()];
        let (a, b, c) = (u32::from(dice[1]), u32::from(dice[2]), u32::from(dice[3]));
        let line = format!(
            "{row:>7}\t{:08}\t{name}\t20{:02}{:02}{:02}\t\\N\tterm01\tmihon\t{:06}\t1\n",
            a * 65_537 + b * 257 + c,
            a % 25,
            b % 12 + 1,
            c % 28 + 1,
            a * 256 + c
        );
        text.extend_from_slice(line.as_bytes());
    }
    text
}

#[test]
fn small_and_odd_texts_come_back() {
    comes_back(b"", 10);
    for length in 1..40 {
        comes_back(&noise(length, 3), 100);
        comes_back(&vec![b'a'; length], 7);
    }
    let all: Vec<u8> = (0..=255).collect();
    comes_back(&all, 1000);
    comes_back(&all.repeat(3), 1);
    comes_back(&all.repeat(2000), 100_000);
}

#[test]
fn runs_come_back_at_every_length_round_the_longest_match() {
    for length in (250..270).chain([515, 516, 517, 518, 40_000, 200_000]) {
        let mut data = b"begin\t".to_vec();
        data.extend(std::iter::repeat_n(b'0', length));
        data.extend_from_slice(b"\tend");
        comes_back(&data, 1 << 20);
    }
}

#[test]
fn a_match_reaches_back_to_the_windows_border_and_no_further() {
    for (between, seen) in [(32_767, true), (32_768, true), (32_769, false), (65_536, false)] {
        let mut data = noise(between, 11);
        data.extend_from_within(..200);
        comes_back(&data, 1 << 20);
        let alone = deflated(Effort::Default, &data[..between], 1 << 20).len();
        let both = deflated(Effort::Default, &data, 1 << 20).len();
        assert_eq!(both < alone + 100, seen, "{between}: {alone} {both}");
        // The same across the border of two chunks.
        comes_back(&data, between);
        let both = deflated(Effort::Default, &data, between).len();
        assert_eq!(both < alone + 100, seen, "{between}: {alone} {both}");
    }
}

#[test]
fn the_text_before_a_chunk_is_used() {
    let data = noise(20_000, 5).repeat(2);
    for effort in EFFORTS {
        let mut out = Vec::new();
        Encoder::new(effort).chunk(&data, 20_000, &mut out);
        assert!(out.len() < 700, "{effort:?} {}", out.len());
    }
    comes_back(&data, 20_000);
}

#[test]
fn what_has_no_pattern_hardly_grows() {
    let data = noise(1 << 20, 9);
    comes_back(&data, 1 << 19);
    for effort in EFFORTS {
        let stream = deflated(effort, &data, 1 << 19);
        assert!(stream.len() < data.len() + data.len() / 5000 + 32, "{}", stream.len());
    }
}

#[test]
fn the_bytes_depend_on_nothing_but_the_chunk_and_what_is_before_it() {
    let data = rows(5000);
    for effort in EFFORTS {
        let (mut fresh, mut again) = (Vec::new(), Vec::new());
        Encoder::new(effort).chunk(&data, 40_000, &mut fresh);
        let mut used = Encoder::new(effort);
        used.chunk(&noise(100_000, 1), 0, &mut again);
        again.clear();
        used.chunk(&data[40_000 - 32_768..], 32_768, &mut again);
        assert!(fresh == again, "{effort:?}");
    }
}

/// Python's zlib: `program` gets the input on stdin, and its stdout is the answer.
fn python(program: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).expect("python reads"));
        child.wait_with_output().expect("python ends").stdout
    })
}

#[test]
fn zlib_itself_reads_it_and_finds_the_checksum_of_the_joined_chunks_right() {
    let data = rows(20_000);
    let chunk = 300_000;
    let parts = data.chunks(chunk).map(|part| (adler32(part), part.len() as u64));
    let sum = parts.fold(1, |sum, (part, length)| adler32_combine(sum, part, length));
    for effort in EFFORTS {
        let mut stream = vec![0x78, 0x9c];
        stream.extend(deflated(effort, &data, chunk));
        stream.extend(sum.to_be_bytes());
        // It refuses a stream whose checksum or end is wrong.
        let program = "import sys,zlib; d=zlib.decompressobj(); \
             o=d.decompress(sys.stdin.buffer.read()); \
             assert d.eof and not d.unused_data; sys.stdout.buffer.write(o)";
        assert!(python(program, &stream) == data, "{effort:?}");
    }
}

#[test]
fn a_table_is_no_bigger_than_with_zlib_6() {
    let data = rows(20_000);
    let program = "import sys,zlib; print(len(zlib.compress(sys.stdin.buffer.read(), 6)))";
    let answer = String::from_utf8(python(program, &data)).expect("digits");
    let zlib: usize = answer.trim().parse().expect("a number");
    for (effort, percent) in [(Effort::Fast, 122), (Effort::Default, 101), (Effort::Small, 101)] {
        let own = deflated(effort, &data, 512 << 10).len();
        assert!(own * 100 <= zlib * percent, "{effort:?}: {own}, zlib: {zlib}");
    }
}

/// Texts that have something to find: pieces of an earlier part, runs, noise, few letters.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(prop_oneof![Just(b'0'), Just(b'1'), Just(b'\t')], 0..600),
        (any::<u8>(), 1..1000_usize).prop_map(|(byte, length)| vec![byte; length]),
        (0..8_u64, 1..3000_usize).prop_map(|(seed, length)| noise(length, seed)),
        (1..60_usize).prop_map(rows),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_in_any_chunks_comes_back(data in text(), chunk in 1..70_000_usize) {
        // Each chunk costs a cleared table; a thousand are enough.
        comes_back(&data, chunk.max(data.len() / 1000));
    }

    #[test]
    fn checksums_of_parts_join_to_that_of_the_whole(
        first in vec(any::<u8>(), 0..9000),
        second in vec(any::<u8>(), 0..9000),
    ) {
        let whole = [first.as_slice(), &second].concat();
        let (mut one, mut two) = (1_u32, 0_u32);
        for byte in &whole {
            one = (one + u32::from(*byte)) % 65_521;
            two = (two + one) % 65_521;
        }
        prop_assert_eq!(adler32(&whole), two << 16 | one);
        let joined = adler32_combine(adler32(&first), adler32(&second), second.len() as u64);
        prop_assert_eq!(joined, two << 16 | one);
    }
}
