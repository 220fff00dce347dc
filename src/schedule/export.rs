//! The schedule for crontab(5) and systemd: one line or three units that look at the clock. What
//! is due is decided by the ledger, not by them. Pure.

use std::path::Path;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// A line of a crontab.
    Crontab,
    /// A service for the daemon, and a timer with its service for single looks.
    Systemd,
}

/// A file of the export: its name, and its text.
pub(super) type File = (String, String);

/// The files. `paths` are the absolute ones of program and clinic file; `user` is who runs it, and
/// `every` the minutes between two single looks.
pub fn export(form: Export, paths: (&Path, &Path), user: &str, every: u32) -> Vec<File> {
    match form {
        Export::Crontab => vec![crontab(paths, every)],
        Export::Systemd => systemd(paths, user, every),
    }
}

/// cron(8) takes `%` for a line break unless it is escaped; the shell needs quotes.
fn crontab((program, clinic): (&Path, &Path), every: u32) -> File {
    let command = format!("{} tick --clinic {}", shell(program), shell(clinic));
    let text = format!(
        "# orca-cutover: looks every {every} minutes what is due; the journal keeps what was done.\n\
         */{every} * * * * {}\n",
        command.replace('%', "\\%")
    );
    ("orca-cutover.crontab".to_owned(), text)
}

fn shell(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn systemd((program, clinic): (&Path, &Path), user: &str, every: u32) -> Vec<File> {
    let start =
        |command: &str| format!("{} {command} --clinic {}", unit_word(program), unit_word(clinic));
    let common = format!(
        "User={user}\nUMask=0077\nNoNewPrivileges=no\nPrivateTmp=no\n\
         # A run is never ended in the middle of a step.\nKillMode=mixed\nTimeoutStopSec=infinity\n"
    );
    let daemon = format!(
        "[Unit]\nDescription=orca-cutover: cutover to 日レセクラウド\nAfter=network-online.target postgresql.service\n\
         Wants=network-online.target\n\n[Service]\nType=notify\nNotifyAccess=main\nExecStart={}\n\
         WatchdogSec=120\nRestart=on-failure\nRestartSec=30\n{common}\n[Install]\nWantedBy=multi-user.target\n",
        start("daemon")
    );
    let once = format!(
        "[Unit]\nDescription=orca-cutover: look at what is due\nAfter=network-online.target\n\
         Wants=network-online.target\n\n[Service]\nType=oneshot\nExecStart={}\n\
         # 10: something waits for a person; 9: mail waits. Neither is a failure of the unit.\n\
         SuccessExitStatus=9 10\n{common}",
        start("tick")
    );
    let timer = format!(
        "[Unit]\nDescription=orca-cutover: look every {every} minutes\n\n[Timer]\n\
         OnCalendar=*:0/{every}\n# A look that was slept through is made up for at once.\n\
         Persistent=true\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n"
    );
    vec![
        ("orca-cutover.service".to_owned(), daemon),
        ("orca-cutover-tick.service".to_owned(), once),
        ("orca-cutover-tick.timer".to_owned(), timer),
    ]
}

/// A word of `ExecStart=`: systemd.service(5) quotes with C escapes, and `%` and `$` are its own.
fn unit_word(path: &Path) -> String {
    let text = path.display().to_string();
    let escaped =
        text.replace('\\', r"\\").replace('"', r#"\""#).replace('%', "%%").replace('$', "$$");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_signs_of_shell_cron_and_systemd_stay_one_word() {
        let (program, clinic) =
            (Path::new("/usr/bin/orca-cutover"), Path::new("/c/50% o'k $x.yaml"));
        let crontab = export(Export::Crontab, (program, clinic), "cutover", 5);
        let line = crontab[0].1.lines().last().unwrap();
        assert_eq!(
            line,
            r"*/5 * * * * '/usr/bin/orca-cutover' tick --clinic '/c/50\% o'\''k $x.yaml'"
        );
        let units = export(Export::Systemd, (program, clinic), "cutover", 5);
        assert!(units[0].1.contains(r#"daemon --clinic "/c/50%% o'k $$x.yaml""#), "{}", units[0].1);
        assert!(units[0].1.contains("Type=notify") && units[2].1.contains("Persistent=true"));
    }
}
