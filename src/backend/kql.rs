//! Bare KQL: the query with a comment that says what it is for, and the rule's tests beside it as events. A query of which the
//! IR does not say all is written as the rule came with it.

use serde::Serialize;

use super::kusto::{self, Query};
use super::notation::Support;
use super::{Artifact, Backend, Context, Events, Translation, file_stem};
use crate::analysis::{Fidelity, Report};
use crate::ir::Rule;
use crate::schema::AttackTable;

/// The `kql` target.
#[derive(Debug)]
pub struct Kql;

/// What the template prints.
#[derive(Serialize)]
struct Model {
    comment: Vec<String>,
    query: String,
}

impl Backend for Kql {
    fn name(&self) -> &'static str {
        "kql"
    }

    fn holds_keys_of(&self, _: &str) -> bool {
        true
    }

    fn description(&self) -> &'static str {
        "a bare KQL query for Microsoft Sentinel's tables, with its events"
    }

    fn events(&self) -> Events {
        Events::Rows
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let one = |rule: &Rule, report: &mut Report| {
            let query = query(rule, context, report)?;
            file(rule, query, context, report)
        };
        kusto::emit(rule, context, &one, &|rule, query, report| {
            file(rule, query.text.clone(), context, report)
        })
    }

    fn support(&self) -> Vec<Support> {
        kusto::operators()
    }
}

/// The file of a rule with its query.
fn file(
    rule: &Rule,
    query: String,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Artifact> {
    let model = Model {
        comment: comment(rule),
        query,
    };
    match context.templates.render("kql/rule.kql.j2", &model) {
        Ok(text) => Some(Artifact {
            path: format!("{}.kql", file_stem(rule)).into(),
            text,
        }),
        Err(error) => {
            report.refuse("document", rule.origin, error.message);
            None
        }
    }
}

/// The query of the rule; where the IR does not say all of it, as the rule came with it, if it came with one.
fn query(rule: &Rule, context: &Context<'_>, report: &mut Report) -> Option<String> {
    let mut tried = Report::new();
    let query = Query::of(rule, context, &mut tried);
    let own =
        kusto::own_query(rule).filter(|_| query.is_none() || tried.worst() != Fidelity::Exact);
    if let Some(own) = own {
        report.record_predicate(Fidelity::Exact, "query", rule.origin, "");
        return Some(format!("{}\n", own.trim_end()));
    }
    *report = tried;
    Some(query?.text)
}

/// The lines of the comment: name, description, severity and ATT&CK.
fn comment(rule: &Rule) -> Vec<String> {
    let metadata = &rule.metadata;
    let mut lines = vec![metadata.name.clone()];
    lines.extend(metadata.description.trim().lines().map(str::to_owned));
    lines.push(format!("severity: {}", metadata.severity.name()));
    let table = AttackTable::of(metadata.attack_version);
    let attack: Vec<String> = metadata
        .attack
        .iter()
        .flat_map(|attack| {
            let tactic = attack.tactic.as_deref().map(|id| {
                let name = table.tactic(id).map_or("", |tactic| tactic.name.as_str());
                format!("{id} {name}")
            });
            let technique = attack.technique.as_deref().map(|id| {
                let name = table
                    .technique(id)
                    .map_or("", |technique| technique.name.as_str());
                format!("{id} {name}")
            });
            tactic.into_iter().chain(technique)
        })
        .map(|entry| entry.trim().to_owned())
        .collect();
    if !attack.is_empty() {
        let mut unique: Vec<String> = Vec::new();
        for entry in attack {
            if !unique.contains(&entry) {
                unique.push(entry);
            }
        }
        lines.push(format!("ATT&CK: {}", unique.join(", ")));
    }
    // A carriage return or an exotic line end inside a line would end the comment.
    lines
        .iter()
        .map(|line| {
            line.replace(
                |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
                " ",
            )
        })
        .map(|line| line.trim_end().to_owned())
        .collect()
}
