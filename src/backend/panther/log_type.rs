//! What Panther calls a rule's log sources.
//!
//! A log source that Panther has no log type for refuses the rule, unless the caller allows names of their own: then it is a
//! custom log type, whose records have the fields under the names that the rule has.

use crate::analysis::Report;
use crate::backend::{Context, Unmapped};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{LogSource, Rule};
use crate::schema::LogSourceMap;

/// The log types of the rule; `None` where the report says which source has none.
pub(super) fn log_types(
    rule: &Rule,
    sources: &[&LogSourceMap],
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<String>> {
    let mut log_types: Vec<String> = Vec::new();
    let mut known = true;
    for source in &rule.log_sources {
        let mut names = known_names(source, sources);
        if names.is_empty() {
            let custom = custom_name(source).filter(|_| context.unmapped != Unmapped::Refuse);
            if let Some(name) = custom {
                if context.unmapped == Unmapped::Warn {
                    report.diagnostics.push(told(source, &name, rule));
                }
                names.push(name);
            } else {
                known = false;
                report.diagnostics.push(refused(source, rule));
            }
        }
        for name in names {
            if !log_types.contains(&name) {
                log_types.push(name);
            }
        }
    }
    if rule.log_sources.is_empty() && !rule.preserved.keys.contains_key("ScheduledQueries") {
        known = false;
        let message = "a Panther rule requires a log type, and the rule names no log source";
        report
            .diagnostics
            .push(Diagnostic::error(Code::UnmappedSource, message).at(rule.origin));
    }
    known.then_some(log_types)
}

/// The names that Panther has for the source.
fn known_names(source: &LogSource, sources: &[&LogSourceMap]) -> Vec<String> {
    match source {
        LogSource::Known(name) => {
            let mut sources = sources.iter();
            let known = sources.find(|source| source.id == name.id);
            let names = known.map(|source| source.panther.iter());
            names
                .into_iter()
                .flatten()
                .map(|named| named.name.clone())
                .collect()
        }
        LogSource::Unknown { format, name } if format == "panther" => vec![name.clone()],
        // A policy's resource is a plain dictionary, which has none of the methods that the functions written here call.
        LogSource::Unknown { .. } | LogSource::Resource { .. } => Vec::new(),
    }
}

/// The name of a custom log type for the source: `Custom.WindowsSecurity`; nothing for what is no log.
fn custom_name(source: &LogSource) -> Option<String> {
    let name = match source {
        LogSource::Known(name) => name.id.as_str(),
        LogSource::Unknown { name, .. } => name.as_str(),
        LogSource::Resource { .. } => return None,
    };
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter_map(|word| word.split_at_checked(1));
    let name: String = words
        .map(|(first, rest)| first.to_ascii_uppercase() + rest)
        .collect();
    // Panther's names start with a letter.
    let start = name.trim_start_matches(|c: char| c.is_ascii_digit());
    (!start.is_empty()).then(|| format!("Custom.{start}"))
}

fn told(source: &LogSource, name: &str, rule: &Rule) -> Diagnostic {
    let message = format!(
        "Panther has no log type for `{source}`: `{name}` has to hold its records, with the fields under the names that the \
         rule has"
    );
    Diagnostic::warning(Code::UnmappedSource, message).at(rule.origin)
}

fn refused(source: &LogSource, rule: &Rule) -> Diagnostic {
    let message = format!("Panther has no log type for `{source}`");
    let error = Diagnostic::error(Code::UnmappedSource, message).at(rule.origin);
    let Some(custom) = custom_name(source) else {
        return error;
    };
    let custom = format!("`--unmapped warn` writes the rule for a custom log type `{custom}`");
    error.help(match source {
        LogSource::Known(name) => format!(
            "give `--schema` a file that names it, or {custom}:\nschema_version: 1\nextends: builtin\nid: {}\npanther: \
             {{log_types: [LOG_TYPE]}}",
            name.id
        ),
        LogSource::Unknown { .. } | LogSource::Resource { .. } => custom,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::SourceName;

    #[test]
    fn a_custom_log_type_is_named_after_the_source() {
        let known = LogSource::Known(SourceName {
            id: "windows.process_creation".to_owned(),
            table: None,
            columns: Vec::new(),
        });
        let unknown = |name: &str| LogSource::Unknown {
            format: "sentinel".to_owned(),
            name: name.to_owned(),
        };
        assert_eq!(
            custom_name(&known).as_deref(),
            Some("Custom.WindowsProcessCreation")
        );
        assert_eq!(
            custom_name(&unknown("Cisco_Umbrella_CL")).as_deref(),
            Some("Custom.CiscoUmbrellaCL")
        );
        assert_eq!(custom_name(&unknown("__")), None);
    }
}
