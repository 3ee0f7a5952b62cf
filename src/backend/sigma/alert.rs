//! What an alert says beyond the fields that a Sigma rule lists: nothing of it has a place there, and each part is recorded.

use crate::analysis::{Fidelity, Report};
use crate::ir::{Rule, Term};

/// Reports what an alert says beyond its fields.
pub(super) fn report(rule: &Rule, report: &mut Report) {
    let alert = &rule.alert;
    let grouped: Vec<_> = rule
        .threshold
        .iter()
        .flat_map(|threshold| &threshold.group_by)
        .flat_map(Term::fields)
        .collect();
    let dedup = alert.dedup.as_ref().filter(|dedup| {
        let fields = dedup.fields();
        grouped.is_empty() || !fields.iter().all(|field| grouped.contains(field))
    });
    let is_name = |term: &&Term| {
        term.as_literal().and_then(|literal| literal.as_text()) != Some(&rule.metadata.name)
    };
    let parts = [
        ("alert title", alert.title.as_ref().filter(is_name)),
        ("alert description", alert.description.as_ref()),
        ("alert grouping", dedup),
        ("alert severity", alert.severity.as_ref()),
        ("alert runbook", alert.runbook.as_ref()),
        ("alert reference", alert.reference.as_ref()),
    ];
    let reason = "Sigma leaves the alert to the system that runs the rule";
    for (what, term) in parts {
        if let Some(term) = term {
            report.record(
                Fidelity::Unsupported,
                format!("{what} {term}"),
                rule.origin,
                reason,
            );
        }
    }
    for detail in &alert.details {
        let what = format!("detail {} = {}", detail.name, detail.source);
        report.record(Fidelity::Unsupported, what, rule.origin, reason);
    }
    for entity in &rule.entities {
        report.record(
            Fidelity::Unsupported,
            format!("entity {}", entity.kind),
            rule.origin,
            reason,
        );
    }
}
