//! What can be said about a rule without a target's help: the fidelity of a translation, and the tables of a rule's page
//! (ATT&CK coverage, condition, exclusions, indicators, outputs).
//!
//! Everything here only reads the IR. The tables show what was written: predicates that merely follow from the source language
//! are counted, never listed and never hidden.

mod claim;
mod coverage;
mod exclusions;
mod fidelity;
mod indicators;
mod message;
mod outputs;
pub mod tables;
mod what;

pub use claim::Claim;
pub use coverage::{Coverage, CoveredTechnique, coverage};
pub use exclusions::{Exclusion, exclusions};
pub use fidelity::{Construct, Fidelity, LeftOut, Part, Report};
pub use indicators::{Indicator, IndicatorValue, indicators};
pub use message::named;
pub use outputs::{NamedValue, OutputField, aggregates, output_fields};
pub use what::What;
