//! The options of `rulec convert` that say what becomes of a rule: `--deny`, `--unmapped` and `--approximate` what is refused
//! and what is written nevertheless, `--tables` and `--attack-version` in which form.

use crate::analysis::Fidelity;
use crate::backend::{self, Translation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::ir::AttackVersion;

/// A fidelity that can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Deny {
    /// Parts that also match what the source does not
    Wider,
    /// Parts that may miss what the source matches
    Narrower,
    /// Parts that the target cannot express and that are left out
    Unsupported,
}

impl Deny {
    fn fidelity(self) -> Fidelity {
        match self {
            Self::Wider => Fidelity::Wider,
            Self::Narrower => Fidelity::Narrower,
            Self::Unsupported => Fidelity::Unsupported,
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Wider => Code::Wider,
            Self::Narrower => Code::Narrower,
            Self::Unsupported => Code::Unsupported,
        }
    }
}

/// What becomes of a field that the target has no name for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Unmapped {
    /// Refuse a rule whose condition asks for it; leave it out elsewhere, with a warning
    #[default]
    Error,
    /// Write it under its own name, with a warning
    Warn,
    /// Write it under its own name
    Passthrough,
}

impl From<Unmapped> for backend::Unmapped {
    fn from(unmapped: Unmapped) -> Self {
        match unmapped {
            Unmapped::Error => Self::Refuse,
            Unmapped::Warn => Self::Warn,
            Unmapped::Passthrough => Self::PassThrough,
        }
    }
}

/// The form of a target's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Style {
    /// Panther's rules as one YAML document, where they fit the grammar of simple detections
    Simple,
}

impl From<Style> for backend::Style {
    fn from(style: Style) -> Self {
        match style {
            Style::Simple => Self::Simple,
        }
    }
}

/// In which direction a condition may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Approximate {
    /// The rule may match more than its source does
    Wider,
}

impl From<Approximate> for backend::Approximate {
    fn from(approximate: Approximate) -> Self {
        match approximate {
            Approximate::Wider => Self::Wider,
        }
    }
}

/// What becomes of a rule on several tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Tables {
    /// A rule for each table
    Split,
    /// One rule on all of them
    Union,
}

impl From<Tables> for backend::Tables {
    fn from(tables: Tables) -> Self {
        match tables {
            Tables::Split => Self::Split,
            Tables::Union => Self::Union,
        }
    }
}

/// A version of ATT&CK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Attack {
    /// 18.1, with the tactic Defense Evasion
    #[value(name = "18")]
    V18,
    /// 19.2, with Stealth and Defense Impairment in its place
    #[value(name = "19")]
    V19,
}

impl From<Attack> for AttackVersion {
    fn from(version: Attack) -> Self {
        match version {
            Attack::V18 => Self::V18,
            Attack::V19 => Self::V19,
        }
    }
}

/// The translation under the policy: without artifacts where it has a construct of a denied fidelity, the messages about such
/// constructs being errors.
pub(super) fn apply(mut translation: Translation, denied: &[Deny]) -> Translation {
    let present: Vec<Deny> = denied
        .iter()
        .copied()
        .filter(|deny| translation.report.count(deny.fidelity()) > 0)
        .collect();
    if present.is_empty() {
        return translation;
    }
    translation.artifacts.clear();
    let mut diagnostics = Diagnostics::new();
    for diagnostic in &translation.report.diagnostics {
        let denied = present.iter().find(|deny| deny.code() == diagnostic.code);
        diagnostics.push(match denied {
            Some(deny) if diagnostic.severity == Severity::Warning => Diagnostic {
                severity: Severity::Error,
                help: Some(format!("refused by `--deny {}`", deny.fidelity().name())),
                ..diagnostic.clone()
            },
            _ => diagnostic.clone(),
        });
    }
    translation.report.diagnostics = diagnostics;
    translation
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::analysis::Report;
    use crate::backend::Artifact;
    use crate::ir::Origin;

    fn translation() -> Translation {
        let mut report = Report::new();
        report.exact("a", Origin::default());
        report.record(Fidelity::Wider, "b", Origin::default(), "has no case");
        Translation {
            artifacts: vec![Artifact {
                path: PathBuf::from("x"),
                text: "x\n".to_owned(),
            }],
            report,
        }
    }

    #[test]
    fn only_a_denied_fidelity_refuses() {
        assert_eq!(apply(translation(), &[Deny::Narrower]).artifacts.len(), 1);
        let refused = apply(translation(), &[Deny::Unsupported, Deny::Wider]);
        assert!(refused.artifacts.is_empty());
        let message = refused.report.diagnostics.iter().next().unwrap();
        assert_eq!(message.severity, Severity::Error);
        assert_eq!(message.help.as_deref(), Some("refused by `--deny wider`"));
    }
}
