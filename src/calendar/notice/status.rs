//! Whether what a sentence names is planned, cancelled or held in reserve.

use super::model::Status;
use super::segment::{has, unbulleted};

/// What a sentence says of the status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The status of what it names.
    pub(super) status: Option<Status>,
    /// It moves something from one date to another: the last is planned, what stands before is not.
    pub(super) moved: bool,
}

const RESERVE: [&str; 17] = [
    "予備日",
    "予備日程",
    "予備日時",
    "予備:",
    "予備期間",
    "順延の場合",
    "順延時",
    "順延日",
    "順延先",
    "予備枠",
    "予備実施日",
    "(予備)",
    "【予備】",
    "雨天の場合は",
    "荒天の場合は",
    "悪天候の場合は",
    "雨天時は",
];

/// Reads the status words of a sentence.
pub(super) fn said(text: &str) -> Said {
    let moved = has(
        text,
        &[
            "に延期",
            "へ延期",
            "に変更",
            "へ変更",
            "に日程変更",
            "へ日程変更",
            "に順延",
            "へ順延",
            "に振り替え",
            "に振替",
            "に延期",
            "へと変更",
            "に日程を変更",
            "へ日程を変更",
            "に繰り延べ",
            "へ移行して実施",
        ],
    ) && !text.contains("に変更はあり")
        && !text.contains("に変更あり");
    if has(text, &["予定通り", "予定どおり"]) && has(text, &["実施", "行い"]) {
        return Said { status: Some(Status::Planned), moved: false };
    }
    let none = has(
        text,
        &[
            "予備日なし",
            "予備日はなし",
            "予備日は設け",
            "予備日はあり",
            "予備日はござい",
            "予備日:なし",
            "予備日:無",
        ],
    );
    let conditional = is_conditional(text);
    if (has(text, &RESERVE) && !none)
        || (conditional
            && has(text, &["延期", "中止", "順延", "実施できな"])
            && text.contains("場合"))
    {
        return Said { status: Some(Status::Reserve), moved: false };
    }
    if replaced(text) {
        return Said { status: Some(Status::Cancelled), moved: true };
    }
    let head = unbulleted(text);
    let begins = |words: &[&str]| words.iter().any(|word| head.starts_with(word));
    if begins(&[
        "変更後",
        "訂正後",
        "新日程",
        "新:",
        "新)",
        "新】",
        "正)",
        "正】",
        "正:",
        "新しい日",
        "延期後",
        "延期先",
        "振替日",
        "変更日程",
        "新たな",
        "改定後",
        "修正後",
        "After",
        "after",
        "追加",
    ]) || has(text, &["【追加】", "改めて", "再実施", "新日程", "変更後の"])
    {
        return Said { status: Some(Status::Planned), moved };
    }
    if begins(&[
        "変更前",
        "訂正前",
        "旧日程",
        "旧:",
        "旧)",
        "旧】",
        "誤)",
        "誤】",
        "誤:",
        "当初",
        "延期前",
        "修正前",
        "改定前",
        "Before",
        "before",
        "旧予定",
    ]) || is_cancelled(text)
    {
        return Said { status: (!moved).then_some(Status::Cancelled), moved };
    }
    Said { status: None, moved }
}

/// `…は中止し、…に実施します`: what stands first is off, what stands last is the new plan.
fn replaced(text: &str) -> bool {
    has(text, &["は中止し", "を中止し", "は取りやめ、", "を取りやめ、", "は見送り、", "を見送り、"])
        && has(text, &["に実施", "に行い", "より実施", "から実施", "で実施", "に再度"])
        && !is_conditional(text)
}

/// `中止する場合があります`: nothing is cancelled yet.
pub(super) fn is_conditional(text: &str) -> bool {
    ["中止", "延期", "取りやめ", "取り止め", "順延", "キャンセル", "見送", "実施できな"].iter().any(
        |word| {
            text.match_indices(word).any(|(at, _)| {
                let after: String = text.get(at..).unwrap_or_default().chars().take(18).collect();
                has(
                    &after,
                    &[
                        "場合",
                        "こと",
                        "可能性",
                        "おそれ",
                        "恐れ",
                        "際は",
                        "ときは",
                        "時は",
                        "かも",
                        "判断",
                    ],
                )
            })
        },
    )
}

/// True where a sentence says that something does not take place.
pub(super) fn is_cancelled(text: &str) -> bool {
    // What is stopped here is the service, not the work on it.
    let service = has(
        text,
        &[
            "一時中止",
            "提供を中止",
            "サービスを中止",
            "利用を中止",
            "提供中止",
            "使用を中止",
            "配信を中止",
            "操作を中止",
        ],
    );
    let plain = has(
        text,
        &[
            "取りやめ",
            "取り止め",
            "取止め",
            "とりやめ",
            "見送り",
            "見送る",
            "実施しません",
            "実施いたしません",
            "実施致しません",
            "行いません",
            "行ないません",
            "実施を取り消",
            "取り消します",
            "取り消しと",
            "白紙",
            "延期",
            "ancelled",
            "anceled",
            "CANCELLED",
            "CANCELED",
            "ostponed",
            "POSTPONED",
            "【取消】",
            "(取消)",
            "取消と",
            "取消いた",
            "実施なし",
            "休止します(メンテ",
        ],
    );
    let bracketed = has(
        text,
        &[
            "【キャンセル】",
            "(キャンセル)",
            "[キャンセル]",
            "キャンセルとなり",
            "キャンセルいたし",
            "キャンセルになり",
            "キャンセルさせ",
            "キャンセルします",
            "キャンセルのお知らせ",
        ],
    );
    let stopped = !service && stops_work(text);
    (plain || bracketed || stopped) && !is_conditional(text)
}

/// True where `中止` is said of the work: on its own (`【中止】`), or behind a word for the work.
/// `受付を中止` stops the service, which is what the maintenance does.
fn stops_work(text: &str) -> bool {
    text.match_indices("中止").any(|(at, word)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        let open = before.is_empty()
            || before.ends_with([
                '【', '(', '[', '<', '「', '|', ':', '、', '・', '→', '>', '*', '※', '■', '★', '●',
                '◆',
            ])
            || before.ends_with(|ch: char| ch.is_ascii_digit());
        let closed = after.is_empty()
            || after.starts_with(['】', ')', ']', '>', '」', '|', '。', '、', ':', '!'])
            || after.starts_with("のお知らせ")
            || after.starts_with("のご連絡")
            || after.starts_with("のご案内")
            || after.starts_with("とな")
            || after.starts_with("いた")
            || after.starts_with("します")
            || after.starts_with("しました")
            || after.starts_with("に")
            || after.starts_with("と致")
            || after.starts_with("となり")
            || after.starts_with("が決")
            || after.starts_with("を決")
            || after.starts_with("とさせ")
            || after.starts_with("分");
        let near: Vec<char> = before.chars().rev().take(24).collect();
        let near: String = near.into_iter().rev().collect();
        let work = [
            "メンテ",
            "作業",
            "工事",
            "実施",
            "予定",
            "計画",
            "日程",
            "更新",
            "停電",
            "上記",
            "下記",
            "本件",
            "分は",
            "分を",
            "日は",
            "日を",
            "回は",
            "点検",
        ];
        let service =
            ["サービス", "提供", "受付", "利用", "配信", "業務", "運用", "予約", "送信", "機能"];
        let last = |words: &[&str]| words.iter().filter_map(|word| near.rfind(word)).max();
        let named = match (last(&work), last(&service)) {
            (Some(work), Some(service)) => work > service,
            (Some(_), None) => true,
            _ => false,
        };
        ((open || named) && closed) || before.ends_with('【')
    })
}
