//! The command line's form. The texts here are what `--help` shows.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::archive::ArchiveCommand;
use super::calendar::CalendarArgs;
use super::evidence::EvidenceArgs;
use super::outbox::OutboxArgs;
use super::purge::PurgeArgs;
use super::scan::ScanArgs;
use super::schedule::{ScheduleArgs, TickArgs};
use super::slots::SlotsArgs;
use crate::i18n::Lang;
use crate::rehearsal::Fault;

/// Moves a clinic's 日レセ (ORCA) database to 日レセクラウド.
///
/// オンプレミスの日レセ（ORCA）データベースを日レセクラウドへ移行します。
#[derive(Debug, Parser)]
#[command(name = "orca-cutover", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(super) struct Cli {
    /// Language of what people read / 表示言語
    #[arg(long, global = true, value_enum, env = "ORCA_CUTOVER_LANG")]
    pub(super) lang: Option<Lang>,
    /// Print the result as JSON on standard output / 結果を JSON で標準出力に出す
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

const AFTER_HELP: &str = "\
Exit status / 終了コード:
  0 done / 正常           1 data damaged or different / データ破損・相違
  2 usage / 引数の誤り     3 a file has errors / ファイルの誤り
  4 a rule forbids it, nothing changed / 規則により中止（変更なし）
  5 environment / 環境の問題
  6 a step failed / ステップ失敗     7 in doubt: settle it / 結果不明（要確認）
  8 page not understood / 画面を解釈できない
  9 mail not delivered / メール未送信
  10 confirmation needed, nothing changed / 承認待ち（変更なし）
  70 defect / プログラムの不具合

First steps / 最初に:
  orca-cutover rehearse                               try it all on this machine
  orca-cutover check cutover.yaml --clinic clinic.yaml
  orca-cutover scan  --clinic clinic.yaml
  orca-cutover plan  cutover.yaml --clinic clinic.yaml --save
  orca-cutover approve DIGEST --as PERSON --clinic clinic.yaml
  orca-cutover run   cutover.yaml --clinic clinic.yaml";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a playbook and a clinic file; touch nothing / ファイルを検査する（何も変更しない）
    Check(Files),
    /// Show what will happen, when, and whether it may / 計画と判定基準を表示する
    Plan(PlanArgs),
    /// Say yes to a saved plan / 保存した計画を承認する
    Approve(ApproveArgs),
    /// Take an approval back / 承認を取り消す
    Revoke(RevokeArgs),
    /// Carry an approved plan out, or go on with it / 承認した計画を実行・再開する
    Run(RunArgs),
    /// Show where the latest run, approvals and scheduled work stand / 状態を表示する
    Status(ClinicArg),
    /// Look once at what is due; for a crontab line / 予定の時刻を1回確認する（crontab 用）
    Tick(TickArgs),
    /// Look by itself at what is due / 予定の時刻を確認し続ける
    Daemon(TickArgs),
    /// What starts by itself / 自動で始まる作業
    Schedule(ScheduleArgs),
    /// The first dates that satisfy every rule / すべての規則を満たす日を探す
    Slots(SlotsArgs),
    /// Announcements of maintenance / メンテナンスのお知らせ
    Calendar(CalendarArgs),
    /// Mails: list, read, send now, take out of the queue / 通知メールを確認・再送する
    Outbox(OutboxArgs),
    /// Remove patient data whose time is over, and prove it / 期限の過ぎた患者情報を消去する
    Purge(PurgeArgs),
    /// Write the report of the latest run / 最新の実行の報告書を作る
    Report(ReportArgs),
    /// Everything that proves what was done, verifiable without this program / 証跡
    Evidence(EvidenceArgs),
    /// Say whether a step in doubt took effect / 結果不明のステップを人が確定する
    Resolve(ResolveArgs),
    /// The journal as evidence / 証跡としてのジャーナル
    Journal(JournalArgs),
    /// Rehearse the whole cutover on this machine, on real parts / この端末で移行全体をリハーサルする
    Rehearse(RehearseArgs),
    /// List the places at which a rehearsal can be made to fail / リハーサルで障害を起こせる箇所の一覧
    Faults,
    /// Find all characters that need a decision / 判断が必要な文字をすべて探す
    Scan(ScanArgs),
    /// Look at, check, convert or compare pg_dump archives / pg_dump アーカイブを扱う
    Archive(ArchiveCommand),
}

/// A text that is not blank: a reason that says nothing is none.
pub(super) fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("must not be blank / 空にできません".to_owned());
    }
    Ok(text.to_owned())
}

#[derive(Clone, Debug, Args)]
pub(super) struct Files {
    /// The playbook / プレイブック
    pub(super) playbook: PathBuf,
    /// The clinic file / 医療機関ファイル
    #[arg(long, default_value = "clinic.yaml")]
    pub(super) clinic: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ClinicArg {
    /// The clinic file / 医療機関ファイル
    #[arg(long, default_value = "clinic.yaml")]
    pub(super) clinic: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) files: Files,
    /// Do not look at server and management site; say what is therefore not known
    #[arg(long)]
    pub(super) offline: bool,
    /// Write the plan down so that it can be approved / 承認できるように計画を保存する
    #[arg(long)]
    pub(super) save: bool,
    /// With --save: who saves it / 保存者の氏名
    #[arg(long, value_name = "NAME", env = "ORCA_CUTOVER_OPERATOR")]
    pub(super) operator: Option<String>,
    /// Also write the plan as one HTML file / 計画を HTML でも書き出す
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Also as Markdown with a Mermaid chart / Markdown でも書き出す
    #[arg(long, value_name = "FILE")]
    pub(super) md: Option<PathBuf>,
    /// Also as a workbook / Excel ブックでも書き出す
    #[arg(long, value_name = "FILE")]
    pub(super) xlsx: Option<PathBuf>,
    /// Also its times as calendar entries / 日程をカレンダー（iCalendar）でも書き出す
    #[arg(long, value_name = "FILE")]
    pub(super) ics: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ApprovalArgs {
    /// The saved plan: its file, its digest, or the digest's first digits / 保存した計画
    pub(super) plan: String,
    /// Who says yes; a person with the role `decides` or `deputy` / 承認者の氏名
    #[arg(long = "as", value_name = "PERSON")]
    pub(super) person: String,
    /// The clinic file / 医療機関ファイル
    #[arg(long, default_value = "clinic.yaml")]
    pub(super) clinic: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ApproveArgs {
    #[command(flatten)]
    pub(super) approval: ApprovalArgs,
    /// The clinic's name, typed; asked for on a terminal / 医療機関名
    #[arg(long, value_name = "NAME")]
    pub(super) clinic_name: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    pub(super) approval: ApprovalArgs,
    /// Why / 理由
    #[arg(long, value_parser = filled)]
    pub(super) reason: String,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RunArgs {
    /// The playbook; may be left out with --resume and --rollback
    #[arg(required_unless_present_any = ["resume", "rollback"])]
    pub(super) playbook: Option<PathBuf>,
    /// The clinic file / 医療機関ファイル
    #[arg(long, default_value = "clinic.yaml")]
    pub(super) clinic: PathBuf,
    /// Save and approve in one go: the digest of the plan that was read / 確認した計画を承認して実行する
    #[arg(long, value_name = "DIGEST", requires = "person", conflicts_with_all = ["resume", "rollback"])]
    pub(super) approve: Option<String>,
    /// Who approves it with --approve / --approve の承認者の氏名
    #[arg(long = "as", value_name = "PERSON", requires = "approve")]
    pub(super) person: Option<String>,
    /// With --approve: the clinic's name, typed; asked for on a terminal / 医療機関名
    #[arg(long, value_name = "NAME", requires = "approve")]
    pub(super) clinic_name: Option<String>,
    /// Leave the run at a wait that is not over yet, for --resume or `tick` to go on later
    #[arg(long)]
    pub(super) leave_at_waits: bool,
    /// Who runs it: a person's name / 実行者の氏名
    #[arg(long, value_name = "NAME", env = "ORCA_CUTOVER_OPERATOR")]
    pub(super) operator: Option<String>,
    /// Go on with the latest run / 最新の実行を再開する
    #[arg(long, conflicts_with = "rollback")]
    pub(super) resume: bool,
    /// Open the clinic's database and start its service again / 院内サーバーへ切り戻す
    #[arg(long)]
    pub(super) rollback: bool,
    /// With --rollback: also after the production import / 本番インポート後でも切り戻す
    #[arg(long, requires = "rollback")]
    pub(super) force: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
    /// Also write the report as one HTML file / 報告書を HTML でも書き出す
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct JournalArgs {
    #[command(subcommand)]
    pub(super) command: JournalCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Read every record and say which one is wrong / すべての記録を検証する
    Verify(VerifyArgs),
}

#[derive(Clone, Debug, Args)]
pub(super) struct VerifyArgs {
    /// A hash from a mail or a report that must be in the journal; may be given several times
    /// / メール・報告書に記載のハッシュ（複数可）
    #[arg(long, value_name = "HASH", value_parser = chain_hash)]
    pub(super) head: Vec<String>,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

/// 64 hexadecimal digits, as mails and reports show them.
fn chain_hash(text: &str) -> Result<String, String> {
    let hash = text.trim().to_ascii_lowercase();
    if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(hash);
    }
    Err("not 64 hexadecimal digits / 16 進 64 桁ではありません".to_owned())
}

#[derive(Clone, Debug, Args)]
pub(super) struct ResolveArgs {
    /// The step in doubt / 結果不明のステップ
    pub(super) step: String,
    /// Did it take effect? / 実施されたか
    #[arg(long = "as", value_enum)]
    pub(super) settled: Settled,
    /// Who found out / 確認者の氏名
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub(super) by: String,
    /// How the person knows / 確認した根拠
    #[arg(long, value_parser = filled)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) clinic: ClinicArg,
}

/// What a person found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Settled {
    /// It took effect / 実施された
    Done,
    /// It did not take effect / 実施されていない
    NotDone,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RehearseArgs {
    /// Patients of the synthetic clinic / 見本医療機関の患者数
    #[arg(long, default_value_t = 2000, value_name = "N")]
    pub(super) patients: u32,
    /// Table data of about this many bytes (1000000000 for 1 GB) instead of N patients' / データ量
    #[arg(long, value_name = "BYTES", conflicts_with = "patients")]
    pub(super) size: Option<u64>,
    /// Seed of the synthetic clinic; the same seed makes the same clinic
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Dumps that lie on the management site and may be deleted / 管理サイトにある古いダンプの数
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u32).range(..=5))]
    pub(super) dumps: u32,
    /// Rehearse this playbook instead of the shipped `cutover.yaml` / リハーサルする手順書
    #[arg(long, value_name = "FILE")]
    pub(super) playbook: Option<PathBuf>,
    /// Make something fail / 障害を起こす
    #[arg(long, value_enum)]
    pub(super) fault: Option<Fault>,
    /// Folder for everything the rehearsal writes; a fresh one under /tmp where it is left out
    #[arg(long, value_name = "FOLDER")]
    pub(super) dir: Option<PathBuf>,
    /// Only build the world and keep it up until Ctrl-C; run the playbook yourself
    #[arg(long)]
    pub(super) world_only: bool,
    /// Keep the database clusters when the rehearsal ends
    #[arg(long)]
    pub(super) keep: bool,
}
