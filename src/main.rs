//! The `orca-cutover` program.

fn main() -> std::process::ExitCode {
    orca_cutover::cli::main()
}
