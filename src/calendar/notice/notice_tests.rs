//! Notice.
