//! The rows of the dump list, and which of them is ours.

use serde::{Deserialize, Serialize};

use super::PortalError;
use super::contract::{self, Visit};
use super::names;
use super::page::{Action, Miss, Page, Row};
use super::profile::{DumpWords, Label, Profile};

/// A dump on the management site, as its row shows it. Its identity is `created` and `number`,
/// never "the newest".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpRow {
    /// 作成日 as it stands there, such as `2019/06/25 10:08:10`.
    pub created: String,
    /// The number in the row's links, once it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// 状態 as it stands there.
    pub state: String,
    /// Numbers of the dumps that were there before this one had a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
}

/// What a dump's state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DumpState {
    Done,
    Failed,
    /// Anything else: not yet, as far as is known.
    Other,
}

impl DumpRow {
    /// Keeps the dumps that were there before apart from this one, whatever a row may show later.
    pub(crate) fn apart_from(mut self, before: &[Self]) -> Self {
        self.not = before.iter().filter_map(|row| row.number.clone()).collect();
        self
    }

    /// The same dump at another time; a row may get its links only once it is done.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.created == other.created
            && (self.number.is_none() || other.number.is_none() || self.number == other.number)
            && !other.number.as_ref().is_some_and(|number| self.not.contains(number))
            && !self.number.as_ref().is_some_and(|number| other.not.contains(number))
    }

    pub(crate) fn meaning(&self, words: &DumpWords) -> DumpState {
        if words.done.iter().any(|word| names::same(word, &self.state)) {
            DumpState::Done
        } else if names::contains_any(&self.state, &words.failed) {
            DumpState::Failed
        } else {
            DumpState::Other
        }
    }
}

/// The dumps of the list, each with its row.
pub(crate) fn read<'a>(
    visit: &'a Visit,
    profile: &Profile,
) -> Result<Vec<(DumpRow, &'a Row)>, PortalError> {
    let page = &visit.page;
    let step = "dump_list";
    let lacks = |label| contract::missed(step, profile, label, super::page::Miss::None, page);
    let mut dumps = Vec::new();
    let mut known = false;
    for table in &page.tables {
        let column = |label| {
            let words = profile.label(label);
            table.headers.iter().position(|text| words.iter().any(|word| names::same(word, text)))
        };
        let (Some(created), Some(state)) = (column(Label::DumpCreated), column(Label::DumpState))
        else {
            continue;
        };
        known = true;
        for row in &table.rows {
            // "No dumps yet" is one cell over all columns and offers nothing to click.
            if row.cells.len() < table.headers.len() && row.controls.is_empty() {
                continue;
            }
            let cell = |index: usize| row.cells.get(index).filter(|text| !text.is_empty());
            dumps.push((
                DumpRow {
                    created: cell(created).ok_or_else(|| lacks(Label::DumpCreated))?.clone(),
                    number: number(page, row),
                    state: cell(state).cloned().unwrap_or_default(),
                    not: Vec::new(),
                },
                row,
            ));
        }
    }
    // A site without a dump may leave the whole table out.
    if known || page.tables.iter().all(|table| table.rows.is_empty()) {
        Ok(dumps)
    } else {
        Err(lacks(Label::DumpCreated))
    }
}

/// The last number in the paths of the row's links, where they all agree.
fn number(page: &Page, row: &Row) -> Option<String> {
    one_number(page, row).ok().flatten()
}

/// The number that all of the row's links lead to; `Ok(None)` where none has a number.
pub(crate) fn one_number(page: &Page, row: &Row) -> Result<Option<String>, Miss> {
    let mut numbers = row.controls.iter().filter_map(|index| {
        let path = match &page.controls.get(*index)?.action {
            Action::Get(href) | Action::Send { href, .. } => href.as_str(),
            Action::Submit { form, .. } => page.forms.get(*form)?.action.as_str(),
            Action::Script => return None,
        };
        let path = path.split(['?', '#']).next()?;
        let is_number = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        path.rsplit('/').find(is_number).map(str::to_owned)
    });
    let Some(first) = numbers.next() else { return Ok(None) };
    match numbers.filter(|other| *other != first).count() {
        0 => Ok(Some(first)),
        others => Err(Miss::Many(others.saturating_add(1))),
    }
}

/// The rows of `after` that are not in `before`; each old row accounts for one.
pub(crate) fn new_rows(before: &[DumpRow], after: &[DumpRow]) -> Vec<DumpRow> {
    let mut old: Vec<&DumpRow> = before.iter().collect();
    let mut fresh = Vec::new();
    for row in after {
        match old.iter().position(|known| known.is(row)) {
            Some(index) => {
                old.remove(index);
            }
            None => fresh.push(row.clone()),
        }
    }
    fresh
}

/// The one row that is ours.
pub(crate) fn find<'a, 'b>(
    dumps: &'b [(DumpRow, &'a Row)],
    ours: &DumpRow,
) -> Result<&'b (DumpRow, &'a Row), PortalError> {
    let found: Vec<_> = dumps.iter().filter(|(row, _)| row.is(ours)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        many => Err(PortalError::DumpGone { count: many.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::html;
    use url::Url;

    const LIST: &str = "<h1>DBダンプ (OSC用テナント)</h1><table><thead><tr><th>作成日</th>\
        <th>状態</th><th></th></tr></thead><tbody>\
        <tr><td>2019/06/25 10:08:10</td><td>ダンプ済み</td><td><a href=/tenants/452/db_dumps/7/download>ダウンロード</a>\
        <a href=/tenants/452/db_dumps/7 data-method=delete>削除</a></td></tr>\
        <tr><td>2019/06/26 10:08:10</td><td>ダンプ中</td><td></td></tr></tbody></table>";

    fn visit(html: &str) -> Visit {
        let url = Url::parse("https://sms.example/tenants/452/db_dumps").unwrap();
        Visit { url, status: 200, page: html::read(html), cut: false }
    }

    fn row(created: &str, number: Option<&str>) -> DumpRow {
        DumpRow {
            created: created.into(),
            number: number.map(str::to_owned),
            state: "-".into(),
            not: Vec::new(),
        }
    }

    #[test]
    fn rows_carry_their_number_and_state() {
        let profile = Profile::built_in().unwrap();
        let visit = visit(LIST);
        let dumps = read(&visit, &profile).unwrap();
        assert_eq!(dumps.len(), 2);
        assert_eq!(dumps[0].0.number.as_deref(), Some("7"));
        assert_eq!(dumps[0].0.meaning(profile.dumps()), DumpState::Done);
        assert_eq!(dumps[1].0.number, None);
        assert_eq!(dumps[1].0.meaning(profile.dumps()), DumpState::Other);
    }

    #[test]
    fn an_empty_list_is_empty_and_a_foreign_table_is_not_understood() {
        let profile = Profile::built_in().unwrap();
        let empty = visit(
            "<table><tr><th>作成日<th>状態<th></tr><tr><td colspan=3>ダンプはありません</table>",
        );
        assert!(read(&empty, &profile).unwrap().is_empty());
        let foreign = visit("<table><tr><th>日付<th>様子</tr><tr><td>1<td>2</table>");
        assert!(read(&foreign, &profile).is_err());
    }

    #[test]
    fn states_are_known_exactly_or_not_at_all() {
        let words = Profile::built_in().unwrap().dumps().clone();
        let meaning =
            |state: &str| DumpRow { state: state.into(), ..row("x", None) }.meaning(&words);
        assert_eq!(meaning("ダンプ 済み"), DumpState::Done);
        assert_eq!(meaning("ダンプ済み(一部)"), DumpState::Other);
        assert_eq!(meaning("ダンプ失敗"), DumpState::Failed);
    }

    #[test]
    fn new_rows_are_counted_by_identity_not_by_time() {
        let before = [row("10:00:00", Some("1")), row("10:00:01", None)];
        // The pending row got its number; one really new row stands above.
        let after = [row("09:00:00", Some("3")), row("10:00:01", Some("2")), before[0].clone()];
        assert_eq!(new_rows(&before, &after), [row("09:00:00", Some("3"))]);
        // Two dumps of the same second are two.
        let twins = [row("10:00:00", Some("1")), row("10:00:00", Some("4"))];
        assert_eq!(new_rows(&before[..1], &twins).len(), 1);
    }

    #[test]
    fn a_dump_without_a_number_is_kept_apart_from_its_seconds_twin() {
        let before = [row("10:00:00", Some("1"))];
        let ours = row("10:00:00", None).apart_from(&before);
        assert!(!ours.is(&before[0]) && !before[0].is(&ours));
        assert!(ours.is(&row("10:00:00", Some("2"))));
        let text = serde_json::to_string(&ours).unwrap();
        assert_eq!(serde_json::from_str::<DumpRow>(&text).unwrap(), ours);
    }
}
