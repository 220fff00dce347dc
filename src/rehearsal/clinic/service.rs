//! A stand-in for the clinic's running service: a script with `start`, `stop` and `status` that
//! keeps a real session open and writes every second, as the real one's daemons do.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{ClinicError, OWNER};
use crate::rehearsal::cluster::ClusterHandle;
use crate::source::{ServiceCommands, SourceError};

/// The stand-in service; dropping it does not stop it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClinicService {
    script: PathBuf,
}

impl ClinicService {
    /// Writes the script into `folder`, an absolute path.
    ///
    /// # Errors
    /// When the script cannot be written.
    pub fn install(folder: &Path, cluster: &ClusterHandle) -> Result<Self, ClinicError> {
        let script = folder.join("jma-receipt");
        let failed = |error: std::io::Error| ClinicError::Script {
            path: script.clone(),
            reason: error.kind().to_string(),
        };
        std::fs::write(&script, text(folder, cluster)).map_err(failed)?;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))
            .map_err(failed)?;
        Ok(Self { script })
    }

    /// Stops the service.
    ///
    /// # Errors
    /// When the script fails.
    pub fn stop(&self, cluster: &ClusterHandle) -> Result<(), SourceError> {
        let mut config = cluster.source(OWNER, OWNER);
        config.service = self.commands();
        crate::source::service::stop(&config)
    }

    /// The commands for the clinic file.
    pub fn commands(&self) -> ServiceCommands {
        let command = |word: &str| vec![self.script.display().to_string(), word.to_owned()];
        ServiceCommands {
            stop: command("stop"),
            start: command("start"),
            status: command("status"),
        }
    }
}

fn text(folder: &Path, cluster: &ClusterHandle) -> String {
    let quote = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
    SCRIPT
        .replace("@RUN@", &quote(&folder.join("jma-receipt.run")))
        .replace("@PSQL@", &quote(&cluster.program_dir.join("psql")))
        .replace("@SOCKET@", &quote(&cluster.socket_dir))
        .replace("@PORT@", &cluster.port.to_string())
        .replace("@OWNER@", OWNER)
}

// The run file is the switch: it holds the loop's process number, and the loop ends once it is
// gone. So a stop needs no signal to processes of another user; psql ends with its input. The
// loop connects again when its session is ended, as the real daemons do.
const SCRIPT: &str = r#"#!/bin/sh
run=@RUN@

# The loop's number, asked for often: no process is made for it.
number() {
    pid=
    { read -r pid <"$run"; } 2>/dev/null
    [ -n "$pid" ]
}

alive() {
    number && grep -q jma-receipt "/proc/$pid/cmdline" 2>/dev/null
}

goes_on() {
    number && [ "$pid" = "$1" ]
}

statements() {
    while goes_on "$1"; do
        echo "UPDATE tbl_lock SET lockhms = to_char(now(), 'HH24MISS') WHERE lockid = 1;"
        echo "UPDATE tbl_jobkanri SET cnt = coalesce(cnt, 0) + 1 WHERE jobid = '0000001';"
        for nap in 1 2 3 4 5; do
            sleep 0.2
            goes_on "$1" || return
        done
    done
}

case "$1" in
start)
    alive && exit 0
    setsid "$0" loop </dev/null >/dev/null 2>&1 &
    for nap in 1 2 3 4 5 6 7 8 9 10; do
        alive && exit 0
        sleep 0.2
    done
    exit 1
    ;;
loop)
    echo $$ >"$run"
    while goes_on $$; do
        statements $$ | sudo -n -u @OWNER@ -- @PSQL@ -Xq -w -v ON_ERROR_STOP=1 -h @SOCKET@ -p @PORT@ -d @OWNER@ -f -
        sleep 0.5
    done
    ;;
stop)
    number || { rm -f "$run"; exit 0; }
    rm -f "$run"
    for nap in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -d "/proc/$pid" ] || exit 0
        sleep 0.25
    done
    exit 1
    ;;
status)
    alive && exit 0
    exit 3
    ;;
*)
    echo "usage: $0 start|stop|status" >&2
    exit 64
    ;;
esac
"#;
