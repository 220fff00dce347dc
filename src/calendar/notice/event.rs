//! Meetings and offers, whose hours are no windows.

use super::segment::has;
use super::topic::is_stop;

const MEETINGS: [&str; 6] = ["説明会", "研修会", "講習会", "勉強会", "セミナー", "ウェビナー"];

/// `操作説明会を…開催します`, `提供開始:`; but not work on `セミナー予約システム`.
pub(super) fn is_event(text: &str, head: &str) -> bool {
    let held = has(text, &["開催", "開講", "ご参加"])
        || MEETINGS.iter().any(|word| head.starts_with(&format!("{word}:")));
    let offers = [
        "提供開始",
        "リリース日",
        "リリース予定",
        "販売開始",
        "発売",
        "適用日",
        "適用開始日",
        "施行日",
    ];
    let event = text.contains("キャンペーン")
        || has(text, &MEETINGS) && held
        || offers.iter().any(|word| head.starts_with(word));
    event && !is_outage(text)
}

/// True for a title such as `操作説明会のご案内`, `【無料ウェビナー】…`.
pub(super) fn names_meeting(text: &str) -> bool {
    let bracketed = MEETINGS.iter().any(|word| text.contains(&format!("{word}】")));
    let title = ["のご案内", "のお知らせ", "開催について", "を開催"];
    let named =
        MEETINGS.iter().any(|word| title.iter().any(|end| text.contains(&format!("{word}{end}"))));
    (bracketed || named) && !is_outage(text)
}

/// True where a sentence names what makes a service unusable.
pub(super) fn is_outage(text: &str) -> bool {
    is_stop(text) || has(text, &["作業", "工事", "休止", "停電"])
}
