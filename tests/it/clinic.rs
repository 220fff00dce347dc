//! The clinic's server as its own catalogue and its own service show it.

use std::process::Command;

use crate::support::{World, postgres_program};

/// The answer of one statement in one database of the clinic's server, blanks between columns.
pub(crate) fn sql(world: &World, database: &str, sql: &str) -> String {
    let output = Command::new("sudo")
        .args(["-n", "-u", "postgres"])
        .arg(postgres_program("psql"))
        .args(["-XAtq", "-F", " ", "-p", "54329", "-d", database, "-c", sql, "-h"])
        .arg(world.dir.join("clinic/s"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The clinic goes on working in the week between: the tenant's test data is then not what the
/// production import sends, and no proof can take the one for the other.
pub(crate) fn work_on(world: &World) {
    sql(world, "orca", "UPDATE tbl_ptinf SET fax = '0120000000' WHERE ptid = 1");
}

pub(crate) fn service_runs(world: &World) -> bool {
    Command::new(world.dir.join("jma-receipt")).arg("status").status().unwrap().success()
}

/// The server's number for the clinic's database.
pub(crate) fn original(world: &World) -> String {
    sql(world, "postgres", "SELECT oid FROM pg_database WHERE datname = 'orca'")
}

/// The clinic can work: its own database has its name, takes connections and writes, and the
/// service runs.
pub(crate) fn assert_open(world: &World, original: &str, when: &str) {
    const STATE: &str = "SELECT d.oid, d.datallowconn, d.datconnlimit, count(s.setdatabase) \
         FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid \
         WHERE d.datname = 'orca' GROUP BY 1, 2, 3";
    assert_eq!(sql(world, "postgres", STATE), format!("{original} t -1 0"), "{when}");
    assert!(service_runs(world), "{when}: the service does not run");
}

/// Nobody can connect to the clinic's database, and the service does not run.
pub(crate) fn assert_closed(world: &World, when: &str) {
    let allowed = "SELECT datallowconn FROM pg_database WHERE datname = 'orca'";
    assert_eq!(sql(world, "postgres", allowed), "f", "{when}");
    assert!(!service_runs(world), "{when}: the service runs");
}
