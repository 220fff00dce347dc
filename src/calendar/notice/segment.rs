//! Cuts lines into sentences, and says what each of them is about.

use super::normalise::{Glyph, Line, UNSTRUCK};

/// Longest piece of a line that is read at once, in characters. Sentences of notices have a
/// tenth of it.
pub(super) const MAX_SENTENCE: usize = 2_000;

/// Words before which a sentence is cut once it has named a figure: what follows is something else.
const CUTS: [&str; 41] = [
    "のうち",
    "当初予定",
    "当初日程",
    "中止の場合",
    "延期の場合",
    "中止になった場合",
    "延期になった場合",
    "中止となった場合",
    "延期となった場合",
    "実施できない場合",
    "実施できなかった場合",
    "悪天候",
    "荒天",
    "雨天",
    "順延時",
    "変更後",
    "変更前",
    "予備日",
    "延期後",
    "延期先",
    "振替日",
    "訂正後",
    "訂正前",
    "(正)",
    "(誤)",
    "【正】",
    "【誤】",
    "正:",
    "次回",
    "前回",
    "今回",
    "受付時間",
    "お問い合わせ",
    "お問合せ",
    "順延の場合",
    "(新)",
    "(旧)",
    "【新】",
    "新日程",
    "新:",
    "お申し込み",
];

/// The sentences of a line.
pub(super) fn sentences(line: &Line) -> Vec<&[Glyph]> {
    let glyphs = line.glyphs.as_slice();
    let mut cuts = vec![0];
    let mut figure = false;
    let mut last = 0;
    for (i, glyph) in glyphs.iter().enumerate() {
        let next = glyphs.get(i + 1).map(|glyph| glyph.ch);
        let cut_behind = matches!(glyph.ch, '。' | '!' | '｡') || (glyph.ch == UNSTRUCK && figure);
        let mark = glyph.ch == '※'
            && !matches!(next, None | Some(' ' | '~' | '-' | ')'))
            && !(next.is_some_and(|ch| ch.is_ascii_digit())
                && matches!(
                    glyphs.get(i + 2).map(|glyph| glyph.ch),
                    None | Some(' ' | '~' | '-' | ')' | '→' | '、')
                ));
        // `1月23日は予備日です` is one sentence.
        let particle = i.checked_sub(1).and_then(|i| glyphs.get(i)).is_some_and(|before| {
            matches!(before.ch, 'は' | 'を' | 'の' | 'が' | 'に' | 'も' | 'で')
        });
        let word = figure && !particle && CUTS.iter().any(|word| starts(glyphs, i, word));
        if i > last && (mark || word || i - last >= MAX_SENTENCE) {
            cuts.push(i);
            (last, figure) = (i, false);
        }
        figure |= glyph.ch.is_ascii_digit();
        if cut_behind && next.is_some() {
            cuts.push(i + 1);
            (last, figure) = (i + 1, false);
        }
    }
    cuts.push(glyphs.len());
    cuts.windows(2)
        .filter_map(|pair| match pair {
            [from, to] => glyphs.get(*from..*to),
            _ => None,
        })
        .filter(|piece| piece.iter().any(|glyph| !glyph.ch.is_whitespace()))
        .collect()
}

fn starts(glyphs: &[Glyph], at: usize, word: &str) -> bool {
    let mut i = at;
    word.chars().all(|ch| {
        let same = glyphs.get(i).is_some_and(|glyph| glyph.ch == ch);
        i += 1;
        same
    })
}

/// The text without spaces, bullets in front of it taken away.
pub(super) fn compact(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.ch).filter(|ch| !ch.is_whitespace()).collect::<String>()
}

/// True where any of `words` is in `text`.
pub(super) fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The text behind bullets and opening brackets.
pub(super) fn unbulleted(text: &str) -> &str {
    text.trim_start_matches([
        '・', '■', '□', '◆', '◇', '●', '○', '◎', '▼', '▽', '▲', '△', '★', '☆', '-', '*', '※', '(',
        '【', '[', '<', '《', '「', '|', '>', '▪', '•', '►', '▶', '#', '+', '‣', '◦',
    ])
}

/// True where the notice speaks of work on a service.
pub(super) fn is_work(text: &str) -> bool {
    has(
        text,
        &[
            "メンテ",
            "停止",
            "実施",
            "作業",
            "工事",
            "休止",
            "中断",
            "切替",
            "切り替え",
            "再起動",
            "更新",
            "入替",
            "交換",
            "障害",
            "利用いただけ",
            "利用でき",
            "利用不可",
            "日時",
            "日程",
            "期間",
            "予定",
            "予備日",
            "保守",
            "点検",
            "移行",
            "アップデート",
            "バージョンアップ",
            "停電",
            "開始",
            "順次",
            "瞬断",
            "通信断",
            "使用でき",
            "接続でき",
            "行います",
            "行ない",
            "aintenance",
            "utage",
            "owntime",
            "AINTENANCE",
        ],
    )
}
