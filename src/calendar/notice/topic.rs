//! What a sentence is about: a plan, office hours, a deadline, what is over.

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
