//! The characters of the synthetic clinic, as EUC_JP bytes.
//!
//! Every name says that it is a sample. The server itself turns the words into EUC_JP, so the
//! bytes are what the application would have stored.

use std::fmt::Write as _;

use super::ClinicError;
use crate::rehearsal::cluster::ClusterHandle;

/// Some characters in EUC_JP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) bytes: Vec<u8>,
    pub(super) chars: usize,
}

/// Words by what they are for.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) surnames: Vec<Word>,
    pub(super) given: Vec<Word>,
    pub(super) surname_kana: Vec<Word>,
    pub(super) given_kana: Vec<Word>,
    pub(super) towns: Vec<Word>,
    pub(super) diseases: Vec<Word>,
    pub(super) half_width: Vec<Word>,
    pub(super) everything: Vec<[u8; 2]>,
}

// The IBM extension is among the surnames, as in life: 﨑 栁 濵 德 瀨 黑 lie inside JIS X 0213.
const SURNAMES: [&str; 16] = [
    "見本",
    "試験",
    "例題",
    "仮名",
    "模擬",
    "架空",
    "検証",
    "練習",
    "見本山﨑",
    "見本栁田",
    "試験濵口",
    "試験德田",
    "例題瀨戸",
    "例題黑川",
    "見本渡邊",
    "試験齋藤",
];
const GIVEN: [&str; 12] =
    ["太郎", "花子", "一郎", "次郎", "三郎", "桜", "実", "学", "みほん", "れい子", "カリ", "ヱツ"];
const SURNAME_KANA: [&str; 8] =
    ["ミホン", "シケン", "レイダイ", "カメイ", "モギ", "カクウ", "ケンショウ", "レンシュウ"];
const GIVEN_KANA: [&str; 6] = ["タロウ", "ハナコ", "イチロウ", "ジロウ", "サブロウ", "サクラ"];
const TOWNS: [&str; 6] = [
    "見本県試験市例題町",
    "架空府模擬市仮名",
    "試験都見本区練習",
    "例題県ヶ原市①番館",
    "見本県〇〇郡々町",
    "仮名道架空市北条西",
];
const DISEASES: [&str; 12] = [
    "急性上気道炎",
    "高血圧症",
    "２型糖尿病",
    "アレルギー性鼻炎",
    "腰痛症",
    "慢性胃炎",
    "脂質異常症",
    "蕁麻疹",
    "頸肩腕症候群",
    "Ｃ型肝炎",
    "気管支喘息",
    "鼠径ヘルニアの疑い",
];
const HALF_WIDTH: [&str; 6] = ["ﾐﾎﾝ", "ｼｹﾝ", "ﾚｲﾀﾞｲ", "ｶﾙﾃ｡", "｢ｺﾒﾝﾄ｣", "ﾊﾟｯﾁ･ｰ"];

/// Assigned cells of JIS X 0208 that do not fill their row: row, first, last cell.
const PARTIAL_ROWS: [(u8, u8, u8); 17] = [
    (2, 1, 14),
    (2, 26, 33),
    (2, 42, 48),
    (2, 60, 74),
    (2, 82, 89),
    (2, 94, 94),
    (3, 16, 25),
    (3, 33, 58),
    (3, 65, 90),
    (4, 1, 83),
    (5, 1, 86),
    (6, 1, 24),
    (6, 33, 56),
    (7, 1, 33),
    (7, 49, 81),
    (8, 1, 32),
    (47, 1, 51),
];
/// Cells of NEC row 13 that JIS X 0213 has in the same place and nowhere else.
const NEC_ROW_13: [(u8, u8, u8); 5] =
    [(13, 1, 30), (13, 32, 54), (13, 63, 79), (13, 83, 83), (13, 88, 89)];

impl Words {
    /// Asks the server for the words' bytes; `database` must be EUC_JP.
    pub(super) fn load(cluster: &ClusterHandle, database: &str) -> Result<Self, ClinicError> {
        let lists: [&[&str]; 7] =
            [&SURNAMES, &GIVEN, &SURNAME_KANA, &GIVEN_KANA, &TOWNS, &DISEASES, &HALF_WIDTH];
        let mut sql = "SET client_encoding = 'UTF8';\n".to_owned();
        for word in lists.iter().flat_map(|list| list.iter()) {
            // Writing into a String does not fail.
            let _ = writeln!(sql, "SELECT encode(convert_to('{word}', 'EUC_JP'), 'hex');");
        }
        let rows = cluster.sql(database, &sql)?;
        let mut bytes = rows.into_iter().filter_map(|row| hex::decode(row.first()?).ok());
        let mut list = |words: &[&str]| -> Result<Vec<Word>, ClinicError> {
            words
                .iter()
                .map(|word| {
                    let bytes = bytes.next().ok_or(ClinicError::WordsLost)?;
                    Ok(Word { bytes, chars: word.chars().count() })
                })
                .collect()
        };
        Ok(Self {
            surnames: list(&SURNAMES)?,
            given: list(&GIVEN)?,
            surname_kana: list(&SURNAME_KANA)?,
            given_kana: list(&GIVEN_KANA)?,
            towns: list(&TOWNS)?,
            diseases: list(&DISEASES)?,
            half_width: list(&HALF_WIDTH)?,
            everything: everything(),
        })
    }
}

/// Every character of JIS X 0208 and the safe ones of NEC row 13, in order.
fn everything() -> Vec<[u8; 2]> {
    let full = [(1, 1), (16, 46), (48, 83)]
        .into_iter()
        .flat_map(|(first, last)| (first..=last).map(|row| (row, 1, 94)));
    full.chain(PARTIAL_ROWS)
        .chain([(84, 1, 6)])
        .chain(NEC_ROW_13)
        .flat_map(|(row, first, last): (u8, u8, u8)| {
            (first..=last).map(move |cell| [row.saturating_add(0xa0), cell.saturating_add(0xa0)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_all_of_jis_x_0208() {
        let all = everything();
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
        // 6,879 characters in JIS X 0208.
        assert_eq!(all.iter().filter(|code| code[0] != 0xad).count(), 6_879);
    }
}
