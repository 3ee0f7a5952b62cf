//! The options of `rulec convert` that say what becomes of a rule: `--deny`, `--unmapped` and `--approximate` what is refused
//! and what is written nevertheless, `--tables` and `--attack-version` in which form.

use crate::analysis::{Construct, Fidelity, Part, Report, named};
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

    /// Whether the message is about a construct of the fidelity.
    fn refuses(self, diagnostic: &Diagnostic, report: &Report) -> bool {
        let mut constructs = report.constructs.iter();
        constructs.any(|one| {
            one.fidelity == self.fidelity()
                && one.code == Some(diagnostic.code)
                && diagnostic
                    .message
                    .contains(&format!("`{}`: ", named(&one.what)))
        })
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
    /// Sentinel's rules as resources in deployment templates of Azure Resource Manager
    Arm,
    /// Panther's rules as one YAML document, where they fit the grammar of simple detections
    Simple,
}

impl From<Style> for backend::Style {
    fn from(style: Style) -> Self {
        match style {
            Style::Arm => Self::Arm,
            Style::Simple => Self::Simple,
        }
    }
}

/// In which direction a condition may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Approximate {
    /// A condition may be left out where the target has no name for its field, so that the rule matches more
    Wider,
    /// The rule may read or count fewer events than its source does
    Narrower,
}

/// What the targets may do of it.
pub(super) fn approximate(allowed: &[Approximate]) -> backend::Approximate {
    if allowed.contains(&Approximate::Wider) {
        backend::Approximate::Wider
    } else {
        backend::Approximate::default()
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

/// The translation under the policy: without artifacts where it has a construct of a denied fidelity, or reads fewer events
/// than it could without leave, the messages about such constructs being errors.
pub(super) fn apply(
    translation: Translation,
    denied: &[Deny],
    allowed: &[Approximate],
) -> Translation {
    let translation = without_less(translation, denied, allowed);
    denying(translation, denied)
}

/// Refuses what reads or counts fewer events than it could, unless that was allowed.
fn without_less(
    mut translation: Translation,
    denied: &[Deny],
    allowed: &[Approximate],
) -> Translation {
    let decided = denied.contains(&Deny::Narrower) || allowed.contains(&Approximate::Narrower);
    if decided || translation.artifacts.is_empty() || !translation.report.reads_less() {
        return translation;
    }
    translation.artifacts.clear();
    let mut diagnostics = Diagnostics::new();
    let report = &mut translation.report;
    for diagnostic in &report.diagnostics {
        let less = |construct: &&Construct| {
            construct.part == Part::Events && construct.fidelity == Fidelity::Narrower
        };
        let mut told = report.constructs.iter().filter(less);
        let is_told = diagnostic.code == Code::Narrower
            && told.any(|construct| diagnostic.message == construct.message());
        diagnostics.push(if is_told {
            Diagnostic {
                severity: Severity::Error,
                help: Some(
                    "a rule that misses events is refused; `--approximate narrower` writes it"
                        .to_owned(),
                ),
                ..diagnostic.clone()
            }
        } else {
            diagnostic.clone()
        });
    }
    report.diagnostics = diagnostics;
    translation
}

fn denying(mut translation: Translation, denied: &[Deny]) -> Translation {
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
        let denied = present
            .iter()
            .find(|deny| deny.refuses(diagnostic, &translation.report));
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
        let kept = apply(translation(), &[Deny::Narrower], &[]);
        assert_eq!(kept.artifacts.len(), 1);
        let refused = apply(translation(), &[Deny::Unsupported, Deny::Wider], &[]);
        assert!(refused.artifacts.is_empty());
        let message = refused.report.diagnostics.iter().next().unwrap();
        assert_eq!(message.severity, Severity::Error);
        assert_eq!(message.help.as_deref(), Some("refused by `--deny wider`"));
    }

    #[test]
    fn fewer_events_take_leave() {
        let less = || {
            let mut less = translation();
            let reason = "a boundary is between them";
            let report = &mut less.report;
            report.record(
                Fidelity::Narrower,
                "title",
                Origin::default(),
                "is shown otherwise",
            );
            report.record_events(Fidelity::Narrower, "threshold", Origin::default(), reason);
            less
        };
        let refused = apply(less(), &[], &[Approximate::Wider]);
        assert!(refused.artifacts.is_empty());
        let errors = refused.report.diagnostics.iter();
        let errors: Vec<&str> = errors
            .filter(|message| message.severity == Severity::Error)
            .map(|message| message.message.as_str())
            .collect();
        assert_eq!(errors, ["`threshold`: a boundary is between them"]);
        assert_eq!(
            apply(less(), &[], &[Approximate::Narrower]).artifacts.len(),
            1
        );
        assert!(
            apply(less(), &[Deny::Narrower], &[Approximate::Narrower])
                .artifacts
                .is_empty()
        );
    }
}
