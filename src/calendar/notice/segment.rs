//! Cuts lines into sentences, and says what each of them is about.

use super::normalise::{Glyph, Line};

/// What a sentence is about. Only times of a [`Topic::Plan`] become windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// A plan, as far as one can tell.
    Plan,
    /// Hours of a help desk or an office.
    Contact,
    /// When the notice was written or put up.
    Posted,
    /// The head of a mail.
    Header,
    /// What is over.
    History,
    /// Something that readers must do until then.
    Deadline,
    /// When the service can be used.
    Available,
}

/// Which end of a window a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Start,
    End,
    Length,
}

/// Longest piece of a line that is read at once, in characters. Sentences of notices have a
/// tenth of it.
pub(super) const MAX_SENTENCE: usize = 2_000;

/// Words before which a sentence is cut once it has named a figure: what follows is something else.
const CUTS: [&str; 38] = [
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
        let cut_behind = matches!(glyph.ch, '。' | '!' | '｡');
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
            "行います",
            "行ない",
            "aintenance",
            "utage",
            "owntime",
            "AINTENANCE",
        ],
    )
}

/// Says what a sentence is about.
pub(super) fn topic(text: &str, has_date: bool, has_range: bool) -> Topic {
    let head = unbulleted(text);
    let begins = |words: &[&str]| words.iter().any(|word| head.starts_with(word));
    let ends = |words: &[&str]| {
        let text = text.trim_end_matches([')', '】', ']', '。', '>', ' ']);
        words.iter().any(|word| text.ends_with(word))
    };
    if is_header(head, has_date) {
        return Topic::Header;
    }
    let posted = [
        "掲載日",
        "掲載:",
        "更新日",
        "最終更新",
        "発信日",
        "発行日",
        "作成日",
        "配信日",
        "投稿日",
        "公開日",
        "登録日",
        "起票",
        "発表日",
        "告知日",
        "記載日",
        "お知らせ日",
        "送付日",
        "通知日",
        "発出日",
        "掲載開始",
        "Posted",
        "Published",
        "Updated",
        "Lastupdated",
        "LastUpdated",
        "Issued",
    ];
    let dated = [
        "掲載", "更新", "公開", "発表", "現在", "発信", "付", "発行", "作成", "配信", "投稿",
        "時点",
    ];
    if (begins(&posted) || (has_date && ends(&dated))) && !has_range {
        return Topic::Posted;
    }
    if is_contact(text, head, has_date) {
        return Topic::Contact;
    }
    if is_history(text, head) || (has_date && is_done(text) && !(has_range && is_ahead(text))) {
        return Topic::History;
    }
    let deadline = [
        "締切",
        "締め切り",
        "〆切",
        "期限",
        "申込期間",
        "受付期間",
        "受付開始",
        "応募期間",
        "募集期間",
        "申し込み",
        "申込",
        "回答期",
    ];
    if has(text, &deadline) || text.contains("までに") || text.contains("迄に") {
        let work = has(text, &["停止", "メンテ", "休止", "作業", "工事", "実施し", "実施い"]);
        return if has_range && work { Topic::Plan } else { Topic::Deadline };
    }
    let can = [
        "利用可能時間",
        "利用可能な時間",
        "提供時間",
        "サービス時間",
        "利用時間",
        "稼働時間",
        "運用時間",
        "運転時間",
        "診療時間",
        "開館時間",
        "通常時間",
        "通常の時間",
        "通常は",
        "通常:",
        "利用いただけます",
        "利用可能です",
        "利用可能となります",
        "利用できます",
        "再開いたします",
        "再開します",
    ];
    let cannot = has(
        text,
        &["停止", "利用いただけません", "利用できません", "メンテ", "中断", "休止", "不可"],
    );
    if has(text, &can) && !cannot {
        return Topic::Available;
    }
    Topic::Plan
}

fn is_header(head: &str, has_date: bool) -> bool {
    let plain = [
        "Date:",
        "Sent:",
        "送信日時",
        "送信日:",
        "受信日時",
        "受信日:",
        "Received:",
        "Message-ID",
        "Message-Id",
        "差出人",
        "宛先",
        "Reply-To",
        "X-",
        "MIME",
        "Content-",
    ];
    let names = ["From:", "To:", "Cc:", "CC:", "Bcc:"];
    plain.iter().any(|word| head.starts_with(word))
        || (names.iter().any(|word| head.starts_with(word)) && (!has_date || head.contains('@')))
        || head.ends_with("wrote:")
        || head.ends_with("書きました:")
        || head.ends_with("のメール:")
        || (has_date && head.contains('@') && head.ends_with(':'))
}

/// `前回(12月20日)`, `発生日時:`; but not `前回と同様に`.
fn is_history(text: &str, head: &str) -> bool {
    let labels = [
        "過去",
        "履歴",
        "実績",
        "発生日時",
        "復旧日時",
        "発生時刻",
        "復旧時刻",
        "障害発生日時",
        "障害復旧",
    ];
    let last = ["(", ":", "は", "の実施", "の作業", "の日", "実施", "のメンテ", "分", "】", "|"];
    labels.iter().any(|word| head.starts_with(word))
        || text.match_indices("前回").any(|(at, word)| {
            let after = text.get(at + word.len()..).unwrap_or_default();
            after.starts_with(|ch: char| ch.is_ascii_digit())
                || last.iter().any(|next| after.starts_with(next))
        })
}

/// True where a sentence speaks of what will be done.
fn is_ahead(text: &str) -> bool {
    has(
        text,
        &[
            "実施します",
            "実施いたします",
            "実施致します",
            "行います",
            "予定です",
            "予定しております",
            "予定して",
        ],
    )
}

/// True where a sentence gives hours of people, not of a service.
fn is_contact(text: &str, head: &str, has_date: bool) -> bool {
    let hours = [
        "受付時間",
        "営業時間",
        "問い合わせ",
        "お問い合わせ",
        "問合せ",
        "お問合せ",
        "問合わせ",
        "お問合わせ",
        "連絡先",
        "対応時間",
        "サポート時間",
        "電話:",
        "TEL",
        "Tel",
        "FAX",
        "Fax",
        "℡",
        "☎",
        "受付:",
        "電話番号",
        "診療時間",
    ];
    if has_date {
        let named = hours.iter().any(|word| head.starts_with(word))
            || has(text, &["受付時間", "営業時間", "対応時間", "サポート時間"]);
        return named && !is_stop(text);
    }
    let desks = [
        "サポートデスク",
        "サポートセンター",
        "ヘルプデスク",
        "コールセンター",
        "営業",
        "電話",
        "休診",
        "診療",
        "休業",
        "窓口",
        "受付",
    ];
    // `受付システム` is a service.
    let desk = desks.iter().any(|word| {
        text.match_indices(word).any(|(at, word)| {
            let after = text.get(at + word.len()..).unwrap_or_default();
            !["システム", "サービス", "機能", "端末", "サーバ", "サイト", "アプリ"]
                .iter()
                .any(|next| after.starts_with(next))
        })
    });
    let weekdays = has(
        text,
        &[
            "平日",
            "土日祝",
            "土・日・祝",
            "24時間365日",
            "月~金",
            "月-金",
            "月曜~金曜",
            "月曜日~金曜日",
        ],
    ) && !has(text, &["毎週", "毎晩", "毎日", "翌"]);
    (has(text, &hours) && !has(text, &["メンテナンス日", "停止時間", "停止日"]))
        || ((desk || weekdays) && !is_stop(text))
}

fn is_stop(text: &str) -> bool {
    has(text, &["停止", "メンテ", "利用いただけ", "利用でき"])
}

/// True where something is reported as over.
pub(super) fn is_done(text: &str) -> bool {
    has(
        text,
        &[
            "完了しました",
            "完了いたしました",
            "完了致しました",
            "完了しております",
            "終了しました",
            "終了いたしました",
            "終了致しました",
            "実施しました",
            "実施いたしました",
            "実施致しました",
            "復旧しました",
            "復旧いたしました",
            "完了のお知らせ",
            "完了のご報告",
            "完了報告",
            "完了のご連絡",
            "終了のご報告",
            "【完了】",
            "[完了]",
            "【復旧】",
            "【終了】",
            "has been completed",
            "hasbeencompleted",
            "行いました",
            "行ないました",
            "【完了報告】",
            "完了済",
        ],
    )
}

/// The label a sentence begins with.
pub(super) fn label(text: &str) -> Option<Label> {
    let head = unbulleted(text);
    let begins = |words: &[&str]| words.iter().any(|word| head.starts_with(word));
    if begins(&[
        "開始",
        "作業開始",
        "停止開始",
        "メンテナンス開始",
        "自:",
        "自)",
        "始:",
        "Start",
        "START",
        "From:",
        "サービス停止:",
        "停止:",
        "工事開始",
        "着手",
        "利用停止:",
        "停止日時:",
    ]) {
        return Some(Label::Start);
    }
    if begins(&[
        "終了",
        "作業終了",
        "完了",
        "復旧",
        "再開",
        "メンテナンス終了",
        "停止終了",
        "至:",
        "至)",
        "終:",
        "End",
        "END",
        "To:",
        "サービス再開",
        "工事終了",
        "作業完了",
        "利用再開",
        "停止解除",
        "サービス復旧",
        "サービス開始",
    ]) {
        return Some(Label::End);
    }
    let length = [
        "所要",
        "予定時間",
        "作業時間",
        "停止時間",
        "必要時間",
        "時間:",
        "Duration",
        "影響時間",
        "作業所要",
        "停止予定時間",
        "想定時間",
    ];
    begins(&length).then_some(Label::Length)
}

/// True where a line without figures stands above others: `■日時`, `【変更前】`, `1.作業内容`.
pub(super) fn is_heading(text: &str) -> bool {
    let first = text.chars().next();
    let marked = first.is_some_and(|ch| {
        matches!(
            ch,
            '■' | '□'
                | '◆'
                | '◇'
                | '●'
                | '○'
                | '◎'
                | '▼'
                | '▽'
                | '▲'
                | '△'
                | '★'
                | '☆'
                | '【'
                | '['
                | '<'
                | '《'
                | '#'
                | '▶'
                | '►'
                | '〔'
        )
    });
    let numbered = first.is_some_and(|ch| ch.is_ascii_digit())
        && text
            .trim_start_matches(|ch: char| ch.is_ascii_digit())
            .starts_with(['.', ')', '、', '．']);
    (marked || numbered) && text.chars().count() <= 60
}
