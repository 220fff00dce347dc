//! A disk that is full, fails, lies, or loses its power.

mod child;
mod every_write;
mod image;
mod night;
mod patients;
mod power;
mod purge;
mod shim;
mod small_disk;
