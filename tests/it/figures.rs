//! What the tests measure of the goals R1 to R16: one line for each figure, and how large a test
//! is to be.

/// Prints a measured figure in the one form that `scripts/figures` collects:
/// `figure: R7 | truncations found | 64 of 64 | cargo nextest run damage_tests`.
pub(crate) fn figure(id: &str, what: &str, value: impl std::fmt::Display, command: &str) {
    println!("{}", line(id, what, &value.to_string(), command));
}

fn line(id: &str, what: &str, value: &str, command: &str) -> String {
    // A bar would split a cell of the table in two.
    let cells = [id, what, value, command].map(|text| text.replace(['|', '\n'], "/"));
    format!("figure: {}", cells.join(" | "))
}

/// True where the sizes of a release are asked for (`ORCA_FIGURES=full`) instead of those that
/// fit a run of all tests.
pub(crate) fn is_full() -> bool {
    std::env::var("ORCA_FIGURES").is_ok_and(|size| size == "full")
}

/// The size of a test: `ci` in a run of all tests, `full` for a release.
pub(crate) fn size(ci: usize, full: usize) -> usize {
    if is_full() { full } else { ci }
}

#[test]
fn a_figure_is_one_line_of_four_cells() {
    assert_eq!(line("R0", "a | b", "1\n2", "c"), "figure: R0 | a / b | 1/2 | c");
    assert_eq!(size(1, 2), if is_full() { 2 } else { 1 });
    let _: fn(&str, &str, String, &str) = figure;
}
