//! What a rehearsal can make fail, and where.

use clap::ValueEnum;

/// A fault of the rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// The test import ends with an import log / テストインポートでインポートログが出る
    ImportLog,
    /// The production import ends with an import log / 本番インポートでインポートログが出る
    ImportLogProduction,
    /// A patient's name holds a character outside JIS X 0213 / 変換できない文字を含む氏名がある
    BadCharacter,
    /// The disk fills up in mid-dump / ダンプ中にディスクが満杯になる
    DiskFull,
    /// Maintenance lies over the cutover time / 本番時刻がメンテナンスと重なる
    Maintenance,
    /// The test import is less than 7 days before the production import / テストインポートが7日前より後
    LateTestImport,
    /// A vendor's certificate is used / ベンダー用証明書を使う
    VendorCertificate,
    /// The import reports success but a row is missing / インポート完了後に1行欠けている
    RowsLost,
    /// The log-in is refused / ログインが拒否される
    LoginRefused,
    /// The tenant's dump fails / テナントのダンプが失敗する
    DumpFails,
    /// The upload's connection is cut / アップロード中に切断される
    ConnectionCut,
    /// The import is done but its answer is lost / インポート後の応答が失われる
    AnswerLost,
    /// A menu item is called something else / メニューの名称が変わっている
    LabelRenamed,
    /// The management site shows a maintenance page / 管理サイトがメンテナンス画面を返す
    MaintenancePage,
    /// The tenant is another clinic's / 別の医療機関のテナントである
    OtherTenant,
    /// The import form lacks the version / インポート画面に版がない
    NoVersion,
    /// All five dump slots are taken / ダンプの空きがない
    SlotsFull,
    /// The mail server says "later" / メールサーバーが一時拒否する
    MailDown,
}

impl Fault {
    /// The name as typed after `--fault`.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
