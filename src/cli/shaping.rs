//! What the options of a translation make of a rule: its targets, its form in them, and what is refused nevertheless.
//!
//! Every command that translates goes through here, so that the same options give the same artifacts everywhere.

use super::Registry;
use super::policy::{Approximate, Attack, Deny, Style, Tables, Unmapped, apply, approximate};
use crate::backend::{self, Backend, Templates, Translation};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Rule;
use crate::schema::Crosswalk;

/// The options that say what becomes of a rule.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shaping {
    /// What becomes of a rule on several tables of Sentinel: a rule for each, or one on all of them. Without the option, a rule
    /// for each, and one on all of them where it counts events
    #[arg(long, value_enum, value_name = "HOW")]
    pub(super) tables: Option<Tables>,
    /// Refuse rules whose translation would be such; several separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FIDELITY")]
    pub(super) deny: Vec<Deny>,
    /// What becomes of a field that the target has no name for
    #[arg(long, value_enum, default_value = "error", value_name = "POLICY")]
    pub(super) unmapped: Unmapped,
    /// Write a rule that cannot be exact in this direction nevertheless: without what asks for fields that the target has no name
    /// for, or with fewer events read or counted; several separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "FIDELITY")]
    pub(super) approximate: Vec<Approximate>,
    /// Write tactics and techniques as this version of ATT&CK has them; without it they stay as they are
    #[arg(long, value_enum, value_name = "VERSION")]
    pub(super) attack_version: Option<Attack>,
    /// Write the documents of a target that has such a form in it; others keep theirs
    #[arg(long, value_enum, value_name = "STYLE")]
    pub(super) style: Option<Style>,
}

impl Shaping {
    /// What the targets work with.
    pub(super) fn context<'c>(
        &self,
        crosswalk: &'c Crosswalk,
        templates: &'c Templates,
    ) -> backend::Context<'c> {
        backend::Context {
            unmapped: self.unmapped.into(),
            approximate: approximate(&self.approximate),
            tables: self
                .tables
                .map_or_else(backend::Tables::default, Into::into),
            style: self.style.map(Into::into).unwrap_or_default(),
            ..backend::Context::new(crosswalk, templates)
        }
    }

    /// Why the options make no sense for the targets: none of them writes documents in the form asked for.
    pub(super) fn unfit(&self, targets: &[&dyn Backend]) -> Option<Diagnostic> {
        let style = backend::Style::from(self.style?);
        if targets
            .iter()
            .any(|target| target.styles().contains(&style))
        {
            return None;
        }
        let has = backend::TARGETS
            .iter()
            .filter(|target| target.styles().contains(&style))
            .map(|target| target.name());
        let message = format!(
            "`--style` names a form of {}, which is not among the targets",
            has.collect::<Vec<_>>().join(", ")
        );
        Some(Diagnostic::error(Code::Usage, message))
    }

    /// What comes of the rule for each target, in their order.
    pub(super) fn translate(
        &self,
        rule: &Rule,
        targets: &[&dyn Backend],
        context: &backend::Context<'_>,
    ) -> Vec<Translation> {
        let moved = self
            .attack_version
            .map(|version| crate::in_attack_version(rule, version.into()));
        let (rule, notes) = match &moved {
            Some((moved, notes)) => (moved, Some(notes)),
            None => (rule, None),
        };
        let legs = backend::Legs::of(rule);
        let context = backend::Context {
            legs: (targets.len() > 1).then_some(&legs),
            ..*context
        };
        let one = |target: &&dyn Backend| {
            let made = crate::export_with(rule, *target, &context);
            let mut made = apply(made, &self.deny, &self.approximate);
            if let Some(notes) = notes {
                made.report.diagnostics.extend(notes.clone());
            }
            made
        };
        targets.iter().map(one).collect()
    }
}

/// The targets with these names, each once.
pub(super) fn targets<'r>(names: &[String], registry: Registry<'r>) -> Vec<&'r dyn Backend> {
    let mut targets: Vec<&dyn Backend> = Vec::new();
    for name in names {
        let found = registry.targets.iter().find(|target| target.name() == name);
        targets.extend(
            found
                .copied()
                .filter(|target| targets.iter().all(|known| known.name() != target.name())),
        );
    }
    targets
}
