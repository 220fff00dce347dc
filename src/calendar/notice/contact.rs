//! Hours of help desks and offices, which are no windows.

use super::segment::has;
use super::topic::is_stop;

/// True where a sentence gives hours of people, not of a service.
pub(super) fn is_contact(text: &str, head: &str, has_date: bool) -> bool {
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
        let open =
            ["営業いたし", "営業します", "営業となり", "休業いたし", "休業します", "休業とさせ"];
        let closed = head.starts_with("休業") || head.starts_with("営業");
        return (named || closed || has(text, &open)) && !is_stop(text);
    }
    if has_phone(text) && !is_stop(text) {
        return true;
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

/// `03-1234-5678`, `0120-000-000`
fn has_phone(text: &str) -> bool {
    text.split(|ch: char| !ch.is_ascii_digit() && ch != '-').any(|run| {
        let groups: Vec<&str> = run.split('-').collect();
        let digits = groups.iter().map(|group| group.len()).sum::<usize>();
        run.starts_with('0')
            && matches!(groups.as_slice(), [area, one, two]
                if area.len() >= 2 && !one.is_empty() && two.len() >= 3)
            && matches!(digits, 10 | 11)
    })
}
