//! What a sentence is about: a plan, office hours, a deadline, what is over.

use super::contact::is_contact;
use super::segment::{has, unbulleted};

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
    /// A meeting, or the day from which something is offered.
    Event,
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
    if is_history(text, head)
        || (has_date && is_fault(text) && !is_ahead(text))
        || (has_date && is_done(text) && !(has_range && is_ahead(text)))
    {
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
    if is_event(text, head) {
        return Topic::Event;
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

pub(super) fn is_header(head: &str, has_date: bool) -> bool {
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
pub(super) fn is_history(text: &str, head: &str) -> bool {
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
        "発生:",
        "復旧:",
        "復旧日:",
        "発生日:",
        "検知",
        "発覚",
    ];
    let last = ["(", ":", "は", "の実施", "の作業", "の日", "実施", "のメンテ", "分", "】", "|"];
    // `前回(12月20日)に続き、1月16日…`: the dates of the work itself stand behind.
    let follows = has(text, &["に続き", "に続いて", "に引き続", "の続き"]);
    labels.iter().any(|word| head.starts_with(word))
        || !follows
            && text.match_indices("前回").any(|(at, word)| {
                let after = text.get(at + word.len()..).unwrap_or_default();
                after.starts_with(|ch: char| ch.is_ascii_digit())
                    || last.iter().any(|next| after.starts_with(next))
            })
}

const MEETINGS: [&str; 6] = ["説明会", "研修会", "講習会", "勉強会", "セミナー", "ウェビナー"];

/// `操作説明会を…開催します`, `提供開始:`; but not work on `セミナー予約システム`.
fn is_event(text: &str, head: &str) -> bool {
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

/// True where a sentence reports what went wrong.
fn is_fault(text: &str) -> bool {
    let happened =
        ["が発生し", "発生しておりま", "発生していま", "発生いたし", "に発生した", "を検知し"];
    let was =
        ["ませんでした", "状態でした", "状態となっていま", "状態となっておりま", "状況でした"];
    (has(text, &happened) || has(text, &was))
        && !has(
            text,
            &["実施", "予定", "作業", "工事", "メンテ", "停止しま", "停止いた", "停止させ"],
        )
}

/// True where a sentence speaks of what will be done.
pub(super) fn is_ahead(text: &str) -> bool {
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

pub(super) fn is_stop(text: &str) -> bool {
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
