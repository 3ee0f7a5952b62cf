//! The YAML half of a Panther rule: metadata, counting, and the tests with their events.
//!
//! Keys stand in the order of Panther's own rules. Values keep to what Panther's validator asks: names without `< > & " %`, no
//! tag twice, whole minutes. Events are written as JSON in flow style, readable to YAML 1.1 and 1.2 alike.

use serde::Serialize;
use serde_json::Value;

use super::kept::{FORMAT, other_reports, preserved};
use super::reports::Reports;
use super::simple::Simple;
use super::{alert, correlation, names, quote};
use crate::analysis::{Fidelity, Report};
use crate::backend::{is_guid, yaml, yaml_scalar};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Origin, Rule, Severity};
use crate::schema::AttackTable;

/// The width that long texts are folded to.
const WIDTH: usize = 110;

/// What the template prints; texts are finished YAML.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    analysis_type: &'static str,
    filename: Option<String>,
    rule_id: String,
    display_name: String,
    enabled: &'static str,
    status: Option<String>,
    log_types: Vec<String>,
    tags: Vec<String>,
    reports: Vec<String>,
    /// Reports of other kinds than ATT&CK's, line by line.
    other_reports: Vec<String>,
    severity: &'static str,
    threshold: Option<u64>,
    dedup_period: Option<u64>,
    description: Option<String>,
    runbook: Option<String>,
    reference: Option<String>,
    author: Option<String>,
    /// Whether its matches make no alert.
    silent: bool,
    preserved: Vec<String>,
    /// What the rule looks for, where there is no Python file.
    detection: Option<String>,
    tests: Vec<Test>,
}

impl Document {
    /// The same with what a Python file would say, as keys.
    pub(super) fn with(mut self, simple: Simple) -> Self {
        let Simple { detection, keys } = simple;
        let keys = keys.iter().map(|(key, value)| yaml::entry(key, value));
        self.preserved.extend(keys);
        self.preserved.push(yaml::entry("Detection", &detection));
        self
    }
}

#[derive(Debug, Serialize)]
struct Test {
    name: String,
    expected: &'static str,
    /// What the event is called.
    key: &'static str,
    log: String,
}

/// The document of a rule whose Python stands in `filename`, or of one that has a `detection` instead.
pub(super) fn document(
    rule: &Rule,
    filename: Option<String>,
    detection: Option<&Value>,
    log_types: Vec<String>,
    report: &mut Report,
) -> Document {
    let metadata = &rule.metadata;
    let reports =
        super::reports::reports(&metadata.attack, AttackTable::of(metadata.attack_version));
    let tags = tags(rule, &reports, report);
    let preserved = preserved(rule);
    let other_reports = other_reports(rule, reports.pairs.is_empty());
    if metadata.version.is_some() {
        let place = rule.preserved.places.of("version").or(rule.origin);
        report.leave_out("version", place, "Panther has no key for it");
    }
    let scheduled = is_scheduled(rule);
    Document {
        analysis_type: match (&rule.correlation, scheduled) {
            (Some(_), _) => "correlation_rule",
            (None, true) => "scheduled_rule",
            (None, false) => "rule",
        },
        filename,
        rule_id: quoted(&rule_id(rule)),
        display_name: quoted(&display_name(rule, report)),
        enabled: truth(!metadata.disabled),
        status: metadata.status.as_deref().and_then(long_text),
        log_types: if scheduled { Vec::new() } else { log_types },
        tags,
        reports: reports.pairs,
        other_reports,
        severity: severity(metadata.severity),
        threshold: rule
            .threshold
            .as_ref()
            .and_then(alert::least)
            .filter(|least| *least > 1),
        dedup_period: dedup_period(rule),
        description: long_text(&metadata.description),
        runbook: long_text(&runbook(rule)),
        reference: metadata
            .references
            .first()
            .and_then(|reference| long_text(reference)),
        author: metadata
            .author
            .as_deref()
            .and_then(long_text)
            .filter(|_| !rule.preserved.keys.contains_key("CreatedBy")),
        silent: metadata.silent && !rule.preserved.keys.contains_key("CreateAlert"),
        preserved,
        detection: detection.map(|value| json(value, 2)),
        tests: tests(rule, report),
    }
}

/// Whether the rule is about the rows of queries that it names.
pub(super) fn is_scheduled(rule: &Rule) -> bool {
    rule.preserved.format == FORMAT && rule.preserved.keys.contains_key("ScheduledQueries")
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Info",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

/// The rule's id where it is one for Panther, else one made of the name: `AWSCloudTrail - User IAM Enumeration` becomes
/// `AWSCloudTrail.UserIAMEnumeration`.
pub(super) fn rule_id(rule: &Rule) -> String {
    let id = &rule.metadata.id;
    if is_own_id(id) {
        return id.clone();
    }
    let parts: Vec<String> = rule
        .metadata
        .name
        .split([':', '/'])
        .flat_map(|part| part.split(" - "))
        .map(camel)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() {
        "Rule".to_owned()
    } else {
        parts.join(".")
    }
}

fn is_own_id(id: &str) -> bool {
    !id.is_empty()
        && !is_guid(id)
        && is_allowed(id)
        && !id.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_allowed(name: &str) -> bool {
    !name.contains(['<', '>', '&', '"', '%'])
}

/// The words of a text joined, each with a capital first.
fn camel(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut chars = word.chars();
            let first = chars
                .next()
                .map(|c| c.to_uppercase().to_string())
                .unwrap_or_default();
            first + chars.as_str()
        })
        .collect()
}

fn display_name(rule: &Rule, report: &mut Report) -> String {
    let name = rule.metadata.name.trim();
    let name = if name.is_empty() {
        &rule_id(rule)
    } else {
        name
    };
    if is_allowed(name) {
        return name.to_owned();
    }
    let message = "the name is written without `< > & \" %`, which Panther does not allow in names";
    report
        .diagnostics
        .push(Diagnostic::note(Code::RuleMetadata, message).at(rule.origin));
    let plain = name
        .replace('&', "and")
        .replace('"', "'")
        .replace('%', " percent");
    plain.replace(['<', '>'], "")
}

/// The rule's tags, each once in any case; ATT&CK ids that make no pair; and the id of the source where it is not the rule's own.
fn tags(rule: &Rule, reports: &Reports, report: &mut Report) -> Vec<String> {
    let table = AttackTable::of(rule.metadata.attack_version);
    let mut tags: Vec<String> = Vec::new();
    let mut push = |tag: String| {
        let folded = tag.to_lowercase();
        if !tag.is_empty() && !tags.iter().any(|known| known.to_lowercase() == folded) {
            tags.push(tag);
        }
    };
    rule.metadata.tags.iter().cloned().for_each(&mut push);
    for id in &reports.alone {
        let named = table
            .tactic(id)
            .map(|tactic| tactic.name.clone())
            .or_else(|| table.technique(id).map(|technique| technique.name.clone()));
        push(named.unwrap_or_else(|| id.clone()));
        let reason = "Panther maps a technique under a tactic; what stands alone is kept as a tag";
        report.record(
            Fidelity::Unsupported,
            format!("ATT&CK {id}"),
            Origin::default(),
            reason,
        );
    }
    let id = &rule.metadata.id;
    if !id.is_empty() && !is_own_id(id) {
        push(format!("Source ID:{id}"));
    }
    tags
}

/// The runbook, known benign causes, and the references that `Reference` has no room for.
fn runbook(rule: &Rule) -> String {
    let metadata = &rule.metadata;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(
        metadata
            .runbook
            .as_deref()
            .map(|text| text.trim().to_owned()),
    );
    let list = |heading: &str, items: &[String]| {
        let items: Vec<String> = items
            .iter()
            .map(|item| format!("- {}", item.trim()))
            .collect();
        (!items.is_empty()).then(|| format!("{heading}\n{}", items.join("\n")))
    };
    parts.extend(list("Known benign causes:", &metadata.false_positives));
    parts.extend(list(
        "See also:",
        metadata.references.get(1..).unwrap_or_default(),
    ));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn dedup_period(rule: &Rule) -> Option<u64> {
    let seconds = match &rule.threshold {
        Some(threshold) => threshold.window.as_secs(),
        None => rule.dedup_window?,
    };
    (seconds.is_multiple_of(60)).then_some(seconds / 60)
}

fn tests(rule: &Rule, report: &mut Report) -> Vec<Test> {
    let mut tests = Vec::new();
    for test in &rule.tests {
        if rule.correlation.is_some() {
            tests.extend(correlation::outputs(test, report).map(|outputs| Test {
                name: yaml_scalar(&test.name),
                expected: truth(test.expected),
                key: "RuleOutputs",
                log: json(&outputs, 6),
            }));
            continue;
        }
        if !test.event.is_object() {
            let reason = "Panther takes only events that are objects";
            report.record(
                Fidelity::Unsupported,
                format!("test {}", test.name),
                test.origin,
                reason,
            );
            continue;
        }
        tests.push(Test {
            name: yaml_scalar(&test.name),
            expected: truth(test.expected),
            key: "Log",
            log: json(&test.event, 6),
        });
    }
    for variant in &rule.variants {
        let reason = "the test replaces a part of the Python that the rule was written in";
        report.record(
            Fidelity::Unsupported,
            format!("test {}", variant.test.name),
            variant.test.origin,
            reason,
        );
    }
    tests
}

fn quoted(text: &str) -> String {
    let plain = yaml_scalar(text);
    if plain == text && !text.contains('\\') {
        format!("\"{text}\"")
    } else {
        plain
    }
}

/// A text as it stands after a key at the margin: on one line, folded, or as it is broken; `None` where it is empty.
pub(super) fn long_text(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let unseen = text.chars().any(|c| c != '\n' && quote::is_unseen(c));
    if unseen || (!text.contains('\n') && (text.chars().count() <= WIDTH || text.contains("  "))) {
        return Some(yaml_scalar(text));
    }
    if text.contains('\n') {
        let lines: Vec<String> = text
            .lines()
            .map(|line| {
                if line.is_empty() {
                    String::new()
                } else {
                    format!("  {}", line.trim_end())
                }
            })
            .collect();
        return Some(format!("|-\n{}", lines.join("\n")));
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    Some(format!(">-\n{}", lines.join("\n")))
}

/// A value as JSON that is YAML, too; lines after the first are `indent` columns in.
pub(super) fn json(value: &Value, indent: usize) -> String {
    let mut text = String::new();
    write_json(value, indent, &mut text);
    text
}

fn write_json(value: &Value, indent: usize, text: &mut String) {
    let inside = indent + 2;
    let line = |text: &mut String, end: &str, indent: usize| {
        text.push_str(end);
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                line(text, if at == 0 { "{" } else { "," }, inside);
                write_json_text(key, text);
                text.push_str(": ");
                write_json(value, inside, text);
            }
            line(text, "", indent);
            text.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                line(text, if at == 0 { "[" } else { "," }, inside);
                write_json(item, inside, text);
            }
            line(text, "", indent);
            text.push(']');
        }
        Value::String(own) => write_json_text(own, text),
        Value::Number(number) => text.push_str(&yaml_number(&number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn write_json_text(own: &str, text: &mut String) {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if own.bytes().all(is_plain) {
        text.push('"');
        text.push_str(own);
        text.push('"');
        return;
    }
    for c in Value::from(own).to_string().chars() {
        match u32::from(c) {
            _ if !quote::is_unseen(c) => text.push(c),
            code => text.push_str(&escape(code)),
        }
    }
}

fn escape(code: u32) -> String {
    if code <= 0xffff {
        format!("\\u{code:04x}")
    } else {
        format!("\\U{code:08x}")
    }
}

/// YAML 1.1 takes a number with an exponent for one only if it has a fraction and the exponent a sign.
fn yaml_number(number: &str) -> String {
    let Some((mantissa, exponent)) = number.split_once('e') else {
        return number.to_owned();
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// The name of the files.
pub(super) fn stem(rule: &Rule) -> String {
    let stem = crate::backend::file_stem(rule);
    // Python files are modules, whose names do not start with a digit.
    if stem.starts_with(|c: char| c.is_ascii_digit()) || names::is_reserved(&stem) {
        format!("rule_{stem}")
    } else {
        stem
    }
}
