//! Text to trees with positions; knows nothing about rules.

pub mod json;
pub mod kql;
pub mod python;
pub mod yaml;
