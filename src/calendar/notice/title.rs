//! Which service or work a window is announced for.

use super::reader::Sentence;
use super::segment::{has, unbulleted};
use super::token::Kind;

/// Longest title, in characters.
const MAX_TITLE: usize = 80;

/// The titles in force.
#[derive(Clone, Debug, Default)]
pub(super) struct Titles {
    /// The mail's subject, or the notice's first heading.
    pub(super) subject: Option<String>,
    /// The heading or label of the block.
    pub(super) block: Option<String>,
    /// The number of windows when the block began.
    pub(super) block_from: usize,
    /// A label stood alone; the next line is its value.
    pub(super) awaited: bool,
}

const LABELS: [&str; 24] = [
    "作業名",
    "作業件名",
    "作業内容",
    "工事名",
    "工事件名",
    "工事内容",
    "案件名",
    "対象サービス名",
    "対象サービス",
    "対象システム",
    "対象機器",
    "対象サーバー",
    "対象サーバ",
    "対象:",
    "サービス名",
    "システム名",
    "メンテナンス名",
    "メンテナンス内容",
    "メンテナンス対象",
    "停止サービス",
    "停止対象",
    "実施内容",
    "影響サービス",
    "Service:",
];

/// The value of a title's label, or `Some(None)` where the label stands alone.
pub(super) fn labelled(text: &str) -> Option<Option<String>> {
    let head = unbulleted(text);
    let rest = LABELS.iter().find_map(|label| head.strip_prefix(label))?;
    let value = rest.trim_start_matches([':', '】', ']', ')', '|', '〕', '>']);
    if value.is_empty() {
        return Some(None);
    }
    // `対象サービスのメンテナンスを…` is a sentence.
    (value.len() < rest.len()
        || rest.starts_with(' ')
        || text.contains(':')
        || !has(rest, &["は", "を", "に", "の"]))
    .then(|| clean(value))
}

/// The subject of a mail.
pub(super) fn subject(text: &str) -> Option<String> {
    let rest = ["件名:", "Subject:", "題名:", "タイトル:", "表題:"]
        .iter()
        .find_map(|label| text.strip_prefix(label))?;
    clean(rest)
}

/// A heading as a title: `【電子カルテ】`, `■ 予約システム`, not `■日時`.
pub(super) fn heading(text: &str) -> Option<String> {
    let text = unbulleted(text)
        .trim_end_matches(['】', ']', '>', '》', '」', '〕', ':', '■', '▼', '-', ')']);
    let text = text
        .trim_start_matches(|ch: char| ch.is_ascii_digit())
        .trim_start_matches(['.', ')', '、']);
    (!is_generic(text)).then(|| clean(text)).flatten()
}

fn clean(text: &str) -> Option<String> {
    let text = text.trim_matches(|ch: char| {
        ch.is_whitespace()
            || matches!(
                ch,
                ':' | '|'
                    | '・'
                    | '、'
                    | ','
                    | '-'
                    | '。'
                    | '/'
                    | '●'
                    | '~'
                    | '※'
                    | '\u{E000}'
                    | '\u{E001}'
            )
    });
    if text.is_empty() {
        return None;
    }
    Some(text.chars().take(MAX_TITLE).collect())
}

/// Words that are no name: labels of the form itself.
pub(super) fn is_generic(text: &str) -> bool {
    let ends = [
        "日時",
        "日程",
        "期間",
        "時間",
        "時間帯",
        "実施日",
        "日",
        "予定",
        "時刻",
        "影響",
        "対象",
        "概要",
        "詳細",
        "理由",
        "目的",
        "注意事項",
        "備考",
        "連絡先",
        "窓口",
        "お問い合わせ",
        "問い合わせ先",
        "変更前",
        "変更後",
        "お知らせ",
        "案内",
        "スケジュール",
        "サービス名",
        "作業名",
        "お願い",
        "について",
        "各位",
        "場合",
        "曜日",
        "通り",
        "事項",
        "範囲",
    ];
    // `第2回`, `延期後`: which one it is, not what.
    if text.starts_with('第') && text.ends_with('回') {
        return true;
    }
    let whole = [
        "サービス再開",
        "End Time",
        "Start Time",
        "当初",
        "延長前",
        "延長後",
        "延期前",
        "延期後",
        "最大延長",
        "深夜",
        "早朝",
        "開始",
        "終了",
        "内容",
        "旧",
        "新",
        "誤",
        "正",
        "中止",
        "延期",
        "追加",
        "重要",
        "記",
        "以上",
        "システム",
        "サービス",
        "区分",
        "状況",
        "完了",
        "キャンセル",
        "定期メンテナンス",
        "メンテナンス",
        "定期",
        "下記",
        "以下",
        "再",
        "緊急",
        "前",
        "後",
        "頃",
        "分",
        "注意",
        "停止",
        "サービス停止",
        "実施",
        "予備",
        "今回",
        "次回",
        "前回",
        "変更",
        "訂正",
        "作業",
        "本工事",
        "本作業",
        "全停止",
        "メンテナンス内容",
        "実施内容",
        "作業内容",
        "計画メンテナンス",
        "臨時メンテナンス",
        "緊急メンテナンス",
        "システムメンテナンス",
        "サービス停止を伴うメンテナンス",
        "自",
        "至",
    ];
    if whole.contains(&text) {
        return true;
    }
    text.is_empty() || ends.iter().any(|end| text.ends_with(end))
}

/// What a row or an item names beside its times.
pub(super) fn row(sentence: &Sentence<'_>) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    for (i, token) in sentence.tokens.iter().enumerate() {
        match token.kind {
            Kind::Text
            | Kind::Open
            | Kind::Close
            | Kind::Comma
            | Kind::Number(_)
            | Kind::Mark(_)
            | Kind::Weekday(_) => {
                part.push_str(&sentence.token_text(i));
            }
            _ => parts.push(std::mem::take(&mut part)),
        }
    }
    parts.push(part);
    parts.iter().find_map(|part| {
        let text = ["【中止】", "【追加】", "【延期】", "【変更】", "【予備日】", "()", "[]"]
            .iter()
            .fold(part.clone(), |text, mark| text.replace(mark, ""));
        let text = unbulleted(text.trim()).trim();
        let text = text.trim_matches(|ch: char| {
            matches!(
                ch,
                ')' | '('
                    | ':'
                    | ' '
                    | '】'
                    | ']'
                    | '「'
                    | '」'
                    | '、'
                    | '・'
                    | '/'
                    | ','
                    | '-'
                    | '|'
            )
        });
        let kana = |ch: Option<char>| ch.is_some_and(|ch| ('ぁ'..='ん').contains(&ch));
        let prose = kana(text.chars().next()) || kana(text.chars().last());
        let figures = text.chars().all(|ch| ch.is_ascii_digit() || ch.is_ascii_punctuation());
        let sentence = has(text, &["ます", "です", "ください", "場合", "ません", "※", "ので"]);
        let long = text.chars().count();
        (!prose && !figures && !sentence && (2..=40).contains(&long) && !is_generic(text))
            .then(|| clean(text))
            .flatten()
    })
}
