//! The plan as Markdown with a Mermaid chart: for engineers, for a repository, for a chat.

mod escape;
mod gantt;
mod page;
mod plan;
mod safety;

pub use plan::plan;
