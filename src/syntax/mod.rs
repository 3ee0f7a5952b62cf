//! Text to trees with positions; knows nothing about rules.

mod align;
pub mod json;
pub mod kql;
pub mod python;
pub mod yaml;
