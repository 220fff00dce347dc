//! Labels and headings: what a line says of those below it.

use super::segment::{self, has, unbulleted};
use super::topic::{Topic, is_history};

/// Which end of a window a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Start,
    End,
    Length,
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
        "start:",
        "starts:",
        "From:",
        "サービス停止:",
        "停止:",
        "工事開始",
        "着手",
        "利用停止:",
        "停止日時:",
        "停止時刻",
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
        "end:",
        "ends:",
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

/// A heading without its bullet or number.
fn numberless(text: &str) -> &str {
    unbulleted(text)
        .trim_start_matches(|ch: char| ch.is_ascii_digit() || matches!(ch, '.' | ')' | '、'))
}

/// What the lines below a heading are about, where it is no plan.
pub(super) fn heading_topic(text: &str) -> Option<Topic> {
    if has(text, &["問い合わせ", "問合せ", "問合わせ", "連絡先", "窓口", "サポート"])
        && !segment::is_work(text)
    {
        Some(Topic::Contact)
    } else if has(text, &["利用可能時間", "利用可能な時間", "利用可能日時"]) {
        Some(Topic::Available)
    } else if is_history(text, numberless(text))
        || has(text, &["履歴", "過去の", "前回", "実績", "経緯", "完了した"])
    {
        Some(Topic::History)
    } else {
        None
    }
}
