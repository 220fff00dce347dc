//! What must hold for every text: no panic, bounded time and lists, words that are the text's own.

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;

use super::{Notice, Status, parse};
use crate::clock::{Jst, to_jst};
use crate::i18n::{self, Lang};

fn read_on() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, 5).unwrap()
}

fn at(text: &str) -> Jst {
    to_jst(DateTime::parse_from_rfc3339(text).unwrap())
}

/// Pieces that mean something to the reading, to be thrown together at random.
const PIECES: [&str; 64] = [
    "2027年",
    "1月",
    "16日",
    "(土)",
    "1/16",
    "1/23",
    "・",
    "、",
    "22:00",
    "～",
    "翌5:00",
    "24:00",
    "終日",
    "各日",
    "毎日",
    "毎週",
    "日曜日",
    "毎月",
    "第3",
    "水曜日",
    "から",
    "より",
    "まで",
    "までに",
    "\n",
    "\n\n",
    "\t",
    "|",
    "  ",
    "中止",
    "延期",
    "変更前",
    "変更後",
    "予備日",
    "開始",
    "終了",
    "：",
    "午後",
    "午前",
    "深夜",
    "10時",
    "半",
    "約",
    "3時間",
    "30分",
    "UTC",
    "JST",
    "令和9年",
    "R9.1.16",
    "未定",
    "同時刻",
    "本日",
    "来週土曜",
    "月末",
    "→",
    "-",
    "①",
    "※",
    "。",
    "20270116",
    "<br>",
    "<del>",
    "メンテナンス日時",
    "に延期します",
];

fn check(text: &str, notice: &Notice) {
    assert!(notice.windows.len() + notice.recurring.len() <= 500);
    assert!(notice.errors.len() <= 300 && notice.notes.len() <= 300);
    for window in &notice.windows {
        assert!(window.from < window.to, "{window:?}");
        assert!(window.line >= 1 && window.line <= text.matches(['\n', '\r']).count() + 1);
    }
    let findings = notice.errors.iter().chain(&notice.notes);
    let words = notice.windows.iter().map(|window| &window.words);
    for words in words.chain(findings.map(|finding| &finding.words)) {
        for piece in words.split(" … ") {
            assert!(text.contains(piece.trim_end_matches('…')), "{piece} in {text}");
        }
    }
    for recurring in &notice.recurring {
        let from = at("2027-01-01T00:00:00+09:00");
        let to = at("2028-01-01T00:00:00+09:00");
        assert!(recurring.occurrences(&from, &to).len() <= 366 + 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_words_in_any_order_make_it_fail(picked in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picked.into_iter().map(|i| PIECES[i]).collect();
        check(&text, &parse(&text, read_on()));
    }

    #[test]
    fn no_text_makes_it_fail(text in "\\PC{0,200}") {
        check(&text, &parse(&text, read_on()));
    }

    #[test]
    fn no_day_of_reading_makes_it_fail(days in -700_000i32..700_000, text in "(1月16日|R9\\.1\\.1|本日|来月31日|12/31) 22:00～翌5:00") {
        if let Some(day) = NaiveDate::from_num_days_from_ce_opt(days) {
            parse(&text, day);
        }
        parse(&text, NaiveDate::MAX);
        parse(&text, NaiveDate::MIN);
    }
}

#[test]
fn the_work_for_anything_grows_with_its_length_and_no_faster() {
    let hostile = [
        "1",
        "～",
        "22:00～",
        "1月",
        "1/16・",
        "(",
        "土",
        "毎月第1・第2・",
        "<br",
        "&#",
        "16日～",
        "22:00～23:00 ",
        "※",
        "\n",
        "2027年1月16日(土) 22:00～翌5:00\n",
        "毎週日曜 2:00～5:00\n",
        "1月16日\n",
        "開始\t終了\n22:00\t23:00\n",
        "二十",
        "2027/",
        "中止の場合",
        "-",
        "あ",
        "a",
        "a@",
        "令和",
        "翌",
        "午後",
        "1月1日～3月31日 各日 22:00～23:00\n",
        "1-1-",
        " ",
        "𩸽",
        "ﾊﾟ",
        "1月16日(土) 22:00～",
        "予備日1",
        "第1",
        "2～3",
        "Sat, ",
    ];
    for piece in hostile {
        let [shorter, longer] = [1 << 14, 1 << 16].map(|size| work_for(piece, size));
        // Four times the text is four times the work; a quadratic step makes it sixteen times.
        assert!(
            longer < WORTH_A_LOOK || longer < 9 * shorter,
            "{piece:?}: {shorter} ns for a text, {longer} ns for one of four times its length"
        );
    }
}

/// What takes less than this, in nanoseconds, is not held against anything.
const WORTH_A_LOOK: u64 = 100_000_000;

/// Reads a text of this many bytes, all of one piece; gives the nanoseconds of work that it took
/// this thread, whatever else the machine did meanwhile.
fn work_for(piece: &str, size: usize) -> u64 {
    let text = piece.repeat(size / piece.len());
    let worked = || {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        stat.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let before = worked();
    let notice = parse(&text, read_on());
    let taken = worked() - before;
    check(&text, &notice);
    taken
}

#[test]
fn a_bound_that_is_met_is_said() {
    let many = "1月1日～3月31日 各日 22:00～23:00\n4月1日～6月30日 各日 22:00～23:00\n".repeat(5)
        + &"毎週日曜 2:00～5:00\n".repeat(600);
    let notice = parse(&many, read_on());
    assert!(notice.errors.iter().any(|error| error.code == "calendar-notice-too-many"));
    let long = "あ".repeat(400_000);
    let notice = parse(&long, read_on());
    assert!(notice.errors.iter().any(|error| error.code == "calendar-notice-too-long"));
    assert!(notice.no_window_found());
}

#[test]
fn nothing_found_is_said() {
    for text in [
        "",
        "\n\n",
        "Thank you for your patience.",
        "平素よりお世話になっております。",
        "\u{FEFF}",
        "🛠️",
    ] {
        let notice = parse(text, read_on());
        assert!(notice.no_window_found() && notice.errors.is_empty(), "{text}: {notice:?}");
        assert_eq!(serde_json::to_value(&notice).unwrap()["no_window_found"], true);
    }
}

#[test]
fn json_has_the_shape_that_is_documented() {
    let text = "件名：定期メンテナンス\n1月16日(土) 22:00～翌5:00\n毎週日曜 2:00～5:00\n2月30日 1:00～2:00\n毎週土曜 25:00～29:00";
    let value = serde_json::to_value(parse(text, read_on())).unwrap();
    assert_eq!(value["read_on"], "2027-01-05");
    assert_eq!(value["windows"][0]["start"], "2027-01-16T22:00:00+09:00");
    assert_eq!(value["windows"][0]["end"], "2027-01-17T05:00:00+09:00");
    assert_eq!(value["windows"][0]["status"], "planned");
    assert_eq!(value["windows"][0]["words"], "1月16日(土) 22:00～翌5:00");
    assert_eq!(value["windows"][0]["line"], 2);
    assert_eq!(value["windows"][0]["title"], "定期メンテナンス");
    assert_eq!(value["windows"][0]["year_assumed"], true);
    assert_eq!(value["recurring"][0]["rule"], "FREQ=WEEKLY;BYDAY=SU");
    assert_eq!(value["recurring"][0]["start"], "02:00");
    assert_eq!(value["recurring"][1]["end"], "29:00");
    assert_eq!(value["errors"][0]["code"], "calendar-notice-no-such-date");
    assert_eq!(value["errors"][0]["line"], 4);
    assert!(value["errors"][0]["message"]["ja"].as_str().unwrap().contains("2月30日"));
    assert!(value["errors"][0]["message"]["en"].as_str().unwrap().contains("2月30日"));
}

#[test]
fn rules_give_their_windows() {
    let notice = parse("毎月第3水曜日 22時～翌2時\n毎月末日 25:00～26:00", read_on());
    let (from, to) = (at("2027-01-01T00:00:00+09:00"), at("2027-03-01T00:00:00+09:00"));
    let third: Vec<_> = notice.recurring[0].occurrences(&from, &to);
    assert_eq!(third[0], (at("2027-01-20T22:00:00+09:00"), at("2027-01-21T02:00:00+09:00")));
    assert_eq!(third[1], (at("2027-02-17T22:00:00+09:00"), at("2027-02-18T02:00:00+09:00")));
    assert_eq!(third.len(), 2);
    // The night of 31 December reaches into January, that of 28 February begins in March.
    let last: Vec<_> = notice.recurring[1].occurrences(&from, &to);
    assert_eq!(last[0].0, at("2027-01-01T01:00:00+09:00"));
    assert_eq!(last[1].0, at("2027-02-01T01:00:00+09:00"));
    assert_eq!(last.len(), 2);
    assert_eq!(notice.recurring[0].status, Status::Planned);
}

#[test]
fn every_code_has_its_texts() {
    let source = include_str!("code.rs");
    let codes = source.split('"').filter(|piece| piece.starts_with("calendar-notice-"));
    let mut count = 0;
    for code in codes {
        count += 1;
        for lang in [Lang::Ja, Lang::En] {
            for id in [code.to_owned(), format!("{code}.hint")] {
                assert!(i18n::find(lang, &id, &[]).is_some(), "{id} in {lang:?}");
            }
        }
    }
    assert!(count > 30);
}

#[test]
fn texts_have_all_their_arguments() {
    let text = "本日 22:00～23:00\n2019年1月16日 1:00～2:00\n明日 月末 メンテナンス";
    let notice = parse(text, read_on());
    for finding in notice.errors.iter().chain(&notice.notes) {
        for lang in [Lang::Ja, Lang::En] {
            let shown = format!("{}{}", finding.message(lang), finding.hint(lang));
            assert!(!shown.contains("{$") && !shown.contains("{ $"), "{shown}");
        }
    }
}
