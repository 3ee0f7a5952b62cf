//! What the document says about the result's columns: entities, custom details, and the alert's title and description.

use super::FORMAT;
use super::document::{AlertDetails, Document, plain};
use super::metadata::Reader;
use super::query::Outcome;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{
    AlertOrigins, Detail, Entity, Function, Identifier, Origin, Residue, ResidueEffect, Rule, Term,
};
use crate::syntax::yaml::Step;

/// Fills in what refers to columns. A reference to a column without a value is left as it is written.
pub(super) fn fill(
    rule: &mut Rule,
    document: &Document,
    outcome: &Outcome,
    reader: &mut Reader<'_, '_>,
) {
    let mut columns = References {
        rule,
        outcome,
        reader,
    };
    columns.entities(document);
    for (name, column) in document.custom_details.iter().flatten() {
        let path = [Step::Key("customDetails"), Step::Key(name.as_str())];
        if let Some(source) = columns.term(&plain(column), "customDetails", &path) {
            columns.rule.alert.details.push(Detail {
                name: name.clone(),
                source,
            });
        }
    }
    if let Some(details) = &document.alert_details_override {
        columns.details(details);
    }
}

struct References<'r, 'o, 'd, 't> {
    rule: &'r mut Rule,
    outcome: &'o Outcome,
    reader: &'r mut Reader<'d, 't>,
}

impl References<'_, '_, '_, '_> {
    /// The value of a column; where it has none, the reference is left.
    fn term(&mut self, column: &str, construct: &str, path: &[Step<'_>]) -> Option<Term> {
        match self.outcome.term(column) {
            Ok(term) => Some(term),
            Err(obstacle) => {
                let span = self.reader.yaml.span(path);
                let message = if obstacle.code == Code::KqlUnknownName {
                    format!("`{construct}`: no column `{column}` is left at the query's end")
                } else {
                    format!(
                        "`{construct}`: the column `{column}` has no value in the IR: {}",
                        obstacle.message
                    )
                };
                self.reader
                    .diagnostics
                    .push(Diagnostic::warning(Code::KqlUnsupported, message).at(span));
                self.rule.residue.push(Residue {
                    format: FORMAT.to_owned(),
                    construct: construct.to_owned(),
                    text: column.to_owned(),
                    effect: ResidueEffect::OutputsOnly,
                    origin: crate::ir::Origin(span),
                });
                None
            }
        }
    }

    fn entities(&mut self, document: &Document) {
        for (at, mapping) in document.entity_mappings.iter().enumerate() {
            let mut identifiers = Vec::new();
            for (inner, field) in mapping.field_mappings.iter().enumerate() {
                let path = [
                    Step::Key("entityMappings"),
                    Step::Item(at),
                    Step::Key("fieldMappings"),
                    Step::Item(inner),
                    Step::Key("columnName"),
                ];
                if let Some(source) = self.term(&field.column_name, "entityMappings", &path) {
                    identifiers.push(Identifier {
                        name: field.identifier.clone(),
                        source,
                    });
                }
            }
            if !identifiers.is_empty() {
                self.rule.entities.push(Entity {
                    kind: mapping.entity_type.clone(),
                    identifiers,
                });
            }
        }
    }

    fn details(&mut self, details: &AlertDetails) {
        self.rule.alert.title = self.format(&details.display_name_format, "alertDisplayNameFormat");
        self.rule.alert.description =
            self.format(&details.description_format, "alertDescriptionFormat");
        let origin = |key: &'static str| {
            let path = [Step::Key("alertDetailsOverride"), Step::Key(key)];
            Origin(self.reader.key_span(&path))
        };
        self.rule.alert.origins = AlertOrigins {
            title: origin("alertDisplayNameFormat"),
            description: origin("alertDescriptionFormat"),
            severity: origin("alertSeverityColumnName"),
            ..AlertOrigins::default()
        };
        if !details.severity_column_name.is_empty() {
            let path = [
                Step::Key("alertDetailsOverride"),
                Step::Key("alertSeverityColumnName"),
            ];
            self.rule.alert.severity = self.term(
                &details.severity_column_name,
                "alertSeverityColumnName",
                &path,
            );
        }
    }

    /// A text with `{{Column}}` in it, as a term; nothing where a column has no value.
    fn format(&mut self, format: &str, key: &str) -> Option<Term> {
        let path = [Step::Key("alertDetailsOverride"), Step::Key(key)];
        let mut parts = Vec::new();
        let mut rest = format.trim_matches(['\r', '\n']);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((column, after)) = after.split_once("}}") else {
                self.reader.warn(
                    Code::RuleMetadata,
                    "a placeholder requires `}}`".to_owned(),
                    &path,
                );
                break;
            };
            if !before.is_empty() {
                parts.push(Term::text(before));
            }
            parts.push(self.term(column.trim(), key, &path)?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Term::text(rest));
        }
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => Some(Term::call(Function::Concat, parts)),
        }
    }
}
