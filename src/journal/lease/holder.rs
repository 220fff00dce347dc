//! Which process holds a lease, and whether it surely lives no more.

use std::fs;

/// A process that holds a clinic's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who runs it.
    pub operator: String,
    /// The machine's name.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// What tells this process from every other one: the machine's start, the space that its
    /// number is of, its number, its own start; and which of its leases this is.
    pub process: String,
}

/// What the kernel says of a process, in the order of `proc_pid_stat(5)`.
const STATE: usize = 2;
const STARTED: usize = 21;

impl Holder {
    /// This process, for its `lease`th lease.
    pub(super) fn this_process(operator: &str, lease: u64) -> Self {
        let pid = std::process::id();
        let (_, started) = stat(pid).unwrap_or_default();
        Self {
            operator: operator.to_owned(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            pid,
            process: format!("{}/{pid}/{started}/{lease}", machine().unwrap_or_default()),
        }
    }

    /// True where the process was one of this machine and is no more, whatever the lease says.
    /// Of another machine's processes nothing can be known.
    pub(super) fn is_surely_dead(&self, is_own_and_live: impl FnOnce(u64) -> bool) -> bool {
        // Machine's start, space, number, start, lease.
        let parts: Vec<&str> = self.process.split('/').collect();
        let [boot, space, pid, started, lease] = parts.as_slice() else { return false };
        let Some(here) = machine() else { return false };
        if format!("{boot}/{space}") != here || pid.parse() != Ok(self.pid) {
            return false;
        }
        match stat(self.pid) {
            Some((state, now)) if now == *started && !matches!(state.as_str(), "Z" | "X") => {
                // A lease that this very process has let go.
                self.pid == std::process::id()
                    && lease.parse().is_ok_and(|lease| !is_own_and_live(lease))
            }
            Some(_) => true,
            // A kernel that hides other users' processes hides the first one as well.
            None => stat(1).is_some(),
        }
    }
}

/// This start of this machine, and the space that process numbers are of.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{}/{}", boot.trim(), space.display()))
}

/// State and start of a process.
fn stat(pid: u32) -> Option<(String, String)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in brackets and may hold anything.
    let rest = text.rsplit_once(") ")?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 2).map(|&field| field.to_owned());
    Some((field(STATE)?, field(STARTED)?))
}
