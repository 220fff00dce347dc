//! Sentences without figures: labels, columns, cancellations, zones, titles.

use super::code::Code;
use super::label::{Label, is_heading};
use super::model::Status;
use super::reader::{Reader, Sentence};
use super::segment::{has, unbulleted};
use super::title;
use super::token::Kind;

impl Reader<'_> {
    /// Takes titles from labels and headings; true where the sentence is no more than that.
    pub(super) fn titles_of(&mut self, sentence: &Sentence<'_>, bare: bool) -> bool {
        let text = &sentence.text;
        if let Some(value) = title::labelled(text) {
            if !bare && value.is_none() {
                return false;
            }
            if bare {
                self.titles.awaited = value.is_none();
                if let Some(value) = value {
                    self.title_block(value);
                }
                return !has(text, &["中止", "延期"]);
            }
            return false;
        }
        if bare && self.titles.awaited {
            self.titles.awaited = false;
            if let Some(value) = title::heading(text) {
                self.title_block(value);
            }
            return false;
        }
        self.titles.awaited = false;
        if bare
            && is_heading(text)
            && let Some(value) = title::heading(text)
        {
            if self.titles.subject.is_none() && has(text, &["お知らせ", "ご案内"]) {
                self.titles.subject = Some(value);
            } else if !has(
                text,
                &["影響", "注意", "理由", "目的", "お願い", "備考", "詳細", "問い合わせ", "問合"],
            ) {
                self.titles.block = Some(value);
                self.titles.block_from = self.windows.len();
            }
        }
        false
    }

    /// A label's value names the windows of its block, also those above it.
    pub(super) fn title_block(&mut self, value: String) {
        let above = self.windows.iter_mut().skip(self.titles.block_from);
        let mut all_named = true;
        for window in above {
            if window.title.is_none() {
                window.title = Some(value.clone());
                all_named = false;
            }
        }
        if all_named {
            self.titles.block = Some(value);
        } else {
            self.titles.block = None;
        }
        self.titles.block_from = self.windows.len();
    }

    /// The head of a table whose columns hold starts and ends, or old and new windows.
    pub(super) fn columns(&mut self, sentence: &Sentence<'_>) -> bool {
        let text = &sentence.text;
        let commas = text.contains(',') && !sentence.prose && text.chars().count() <= 80;
        if !commas && !sentence.tokens.iter().any(|token| matches!(token.kind, Kind::Cell)) {
            return false;
        }
        if has(text, &["開始", "Start", "始"]) && has(text, &["終了", "完了", "End", "終"])
        {
            self.start_end_columns = true;
            return true;
        }
        if has(text, &["変更前", "旧"]) && has(text, &["変更後", "新"]) {
            self.old_new_columns = true;
            return true;
        }
        false
    }

    /// A sentence without dates, times and rules: labels, columns, cancellations, zones.
    pub(super) fn bare(&mut self, sentence: &Sentence<'_>) {
        let text = &sentence.text;
        if text.chars().count() <= 12 {
            self.next_label = sentence.label.filter(|label| *label != Label::Length);
        }
        let zone = sentence.tokens.iter().find_map(|token| match token.kind {
            Kind::Zone(zone) => Some(zone),
            _ => None,
        });
        if let Some(zone) = zone
            && has(text, &["時刻", "時間", "表記", "日時", "imes", "ime zone", "imezone"])
        {
            self.zone = Some(zone);
        }
        let label = unbulleted(text);
        if !text.is_empty()
            && text.chars().all(|ch| matches!(ch, '↓' | '⇓' | '⬇' | '▼' | '▽' | '|'))
            && !text.contains('|')
        {
            self.arrow_line(sentence);
        }
        let side = [
            "変更前",
            "変更後",
            "旧",
            "新",
            "誤",
            "正",
            "予備",
            "当初",
            "延期後",
            "延期先",
            "訂正",
            "延期前",
            "修正",
        ];
        if side.iter().any(|word| label.starts_with(word)) {
            if sentence.status.is_some() && !self.old_new_columns && !sentence.prose {
                self.section.status = sentence.status;
            }
        } else if sentence.status == Some(Status::Cancelled) {
            self.cancelled(sentence);
        }
        let undecided = sentence.tokens.iter().any(|token| token.kind == Kind::Undecided);
        let when = [
            "日時",
            "日程",
            "期間",
            "実施日",
            "作業日",
            "停止日",
            "メンテナンス日",
            "時間",
            "開始",
        ];
        if undecided && when.iter().any(|word| label.starts_with(word)) {
            self.find(Code::VagueDate, sentence.all(), sentence.line);
        } else if undecided && sentence.label == Some(Label::End) {
            self.give_up_waiting();
        }
    }

    /// An arrow on a line of its own in a notice of a change: what stands above it is the old.
    pub(super) fn arrow_line(&mut self, sentence: &Sentence<'_>) {
        if !self.changes {
            return;
        }
        match self.windows.as_mut_slice() {
            [] => {}
            [only] => only.status = Status::Cancelled,
            _ => self.find(Code::Unclear, sentence.all(), sentence.line),
        }
    }

    /// `下記のメンテナンスは中止いたします`: what it speaks of lies below or above.
    pub(super) fn cancelled(&mut self, sentence: &Sentence<'_>) {
        let text = &sentence.text;
        // What is put off gets a new date, which stands somewhere in the notice as well.
        let postponed = text.contains("延期") && !text.contains("中止");
        let month = sentence.tokens.iter().any(|token| matches!(token.kind, Kind::Month(..)));
        if month && !postponed {
            // `1月のメンテナンスは行いません`: which windows that means is for a person.
            self.find(Code::Unclear, sentence.all(), sentence.line);
        } else if self.windows.is_empty() || has(text, &["下記", "以下", "次の"]) {
            if !postponed
                || has(
                    text,
                    &["下記のメンテナンスは", "下記メンテナンスは", "以下のメンテナンスは"],
                )
            {
                self.notice_status = Some(Status::Cancelled);
            }
        } else if self.windows.len() == 1
            || has(
                text,
                &[
                    "上記",
                    "本メンテナンス",
                    "全て",
                    "すべて",
                    "本作業",
                    "全日程",
                    "いずれも",
                    "今回の",
                ],
            )
        {
            for window in &mut self.windows {
                window.status = Status::Cancelled;
            }
        } else {
            self.find(Code::Unclear, sentence.all(), sentence.line);
        }
    }
}
