//! What a sentence is about: a plan, office hours, a deadline, what is over.

use super::contact::is_contact;
use super::event::is_event;
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
    // `2027年1月5日更新`; but not `1月16日 DB更新`.
    let ends = |words: &[&str]| {
        let text = text.trim_end_matches([')', '】', ']', '。', '>', ' ']);
        words.iter().filter_map(|word| text.strip_suffix(word)).any(|before| {
            before.ends_with(|ch: char| {
                ch.is_ascii_digit() || matches!(ch, '日' | ')' | ']' | '時' | '分' | 'に' | ':')
            })
        })
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
    let can = has(text, &can) || text.ends_with("利用可能");
    let cannot = has(
        text,
        &["停止", "利用いただけません", "利用できません", "メンテ", "中断", "休止", "不可"],
    );
    if can && !cannot {
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
        "障害復旧",
        "発生:",
        "復旧:",
        "復旧日:",
        "発生日:",
        "検知",
        "発覚",
        "発生期間",
        "発生時間",
        "障害発生日",
        "障害発生時",
        "障害発生期",
        "障害発生:",
        "障害時間",
        "障害期間",
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

/// True where a sentence reports what went wrong; `瞬断が発生します` announces.
fn is_fault(text: &str) -> bool {
    let happened = [
        "発生しまし",
        "発生した",
        "発生しておりま",
        "発生していま",
        "発生いたしまし",
        "発生いたしてお",
        "を検知し",
        "ませんでした",
        "状態でした",
        "状態となっていま",
        "状態となっておりま",
        "状況でした",
    ];
    let plan = ["予定", "ため", "場合", "停止しま", "停止いた", "停止させ"];
    has(text, &happened) && !has(text, &plan)
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
