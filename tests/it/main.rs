//! The product's tests from outside: structure, texts, commands, whole rehearsals.

mod architecture;
mod commands;
mod kill;
mod rehearsal;
mod restore;
mod support;
mod texts;
