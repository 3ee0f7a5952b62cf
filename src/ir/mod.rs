//! The canonical intermediate representation: what a detection rule means, in one vocabulary for all formats.
//!
//! A [`Rule`] selects single events by a [`Condition`] over [`Predicate`]s, may count them in a [`Threshold`], and names the
//! [`Output`]s of an alert. Fields are the log vendor's own event paths, so rules of different systems can be compared.
//! The meaning of everything here is what `eval` computes. Invariants: no parenthesis node, no hash map, and positions
//! ([`Origin`]) never take part in equality.

mod alert;
mod attack;
pub mod compute;
mod condition;
mod correlation;
mod deciding;
pub mod fingerprint;
mod function;
mod items;
mod kin;
mod literal;
mod log_source;
mod made_list;
mod mark;
mod notes;
mod operator;
mod origin;

mod path;
pub mod pipeline;
mod pretty;
mod rule;
mod sample;
mod shared;
mod shared_vec;
pub mod sharing;
mod size;
mod subjects;
mod term;
mod text;
mod threshold;

pub use alert::{Alert, AlertOrigins, Detail};
pub use attack::{Attack, AttackVersion};
pub use condition::{CaseSensitivity, Condition, Object, Predicate, Quantifier};
pub use correlation::{
    Correlation, EvaluationOrder, Interval, Member, Pattern, Runs, SameValue, Transition,
};
pub use fingerprint::{ByFingerprint, Fingerprint};
pub use function::{Aggregate, FUNCTIONS, Function, FunctionInfo};
pub(crate) use function::{
    arithmetic_function, coding_function, collection_function, geography_function, logic_function,
    moment_function, network_function, query_function, series_function, uncommon_function,
    wording_function,
};
pub use literal::{Kind, Literal};
pub use log_source::{LogSource, SourceName};
pub use mark::{Mark, related};
pub(crate) use notes::Local;
pub use operator::{OPERATORS, ObjectKind, Operator, OperatorInfo};
pub use origin::{Implied, Origin};

pub use path::{FieldPath, Segment};
pub use pipeline::Pipeline;
pub use rule::{
    Entity, EntityKind, Identifier, KeyPlaces, Metadata, Output, Preserved, Residue, ResidueEffect,
    Rule, RuleTest, Schedule, Severity, Stage, StageListing, Variant,
};
pub use sample::sample;
pub use shared::Shared;
pub use shared_vec::SharedVec;
pub use term::{Case, Term};
pub use text::duration;
pub use threshold::{Bound, Comparison, Measure, Threshold, WindowKind};
