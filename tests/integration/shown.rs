//! What an alert shows is the same after the way through Sentinel: titles and outputs that are reported as exact, and the rule as a
//! resource of Azure Resource Manager.
//!
//! A rule's own tests that alert are judged: the event as the row that the rule's table has of it, by the rule that is read back.
//! `RULEC_SHOWN_RULES` names a folder of further rules in the native JSON form (`rulec explain --format json`), which are judged like
//! the examples. `RULEC_SHOWN_DIFFERENCES` names a file for what differs, instead of a failure. An engine is asked the same by
//! `tests/oracles/corpus sentinel`.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::analysis::{Construct, Fidelity};
use rulec::backend::{Context, Sentinel, Style, Templates, Translation};
use rulec::diagnostic::{Code, Diagnostics};
use rulec::eval;
use rulec::ir::{
    Condition, FieldPath, Function, Literal, LogSource, Object, Operator, Output, Predicate, Rule,
    Segment, Stage, Term,
};
use rulec::normalize::normalize;
use rulec::schema::{Crosswalk, LogSourceMap, rows};
use rulec::source::{NoFiles, Sources};
use serde_json::{Value, json};

fn import(path: &str, text: &str) -> Option<Rule> {
    let mut sources = Sources::new();
    let id = sources.add(path, text.to_owned());
    let mut rules = rulec::import(id, None, &mut sources, &NoFiles, &mut Diagnostics::new());
    (rules.len() == 1).then(|| normalize(rules.remove(0)))
}

fn export(rule: &Rule, style: Style) -> Translation {
    let templates = Templates::builtin();
    let context = Context {
        style,
        ..Context::new(Crosswalk::builtin(), &templates)
    };
    rulec::export_with(rule, &Sentinel, &context)
}

/// The examples, and the rules of the folder that the environment names.
#[expect(clippy::print_stdout, reason = "a skipped test must say so")]
fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = crate::rules::examples()
        .into_iter()
        .map(|example| normalize(example.rule))
        .collect();
    let Some(folder) = std::env::var_os("RULEC_SHOWN_RULES").map(PathBuf::from) else {
        println!("RULEC_SHOWN_RULES names no folder: the examples only");
        return rules;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    rules.extend(paths.iter().filter_map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        import(&path.display().to_string(), &text)
    }));
    rules
}

/// Whether all that is recorded of it, for whichever table, is exact.
fn is_exact(translation: &Translation, what: &str) -> bool {
    let mut constructs = translation.report.constructs.iter();
    let mut about = constructs
        .by_ref()
        .filter(|one| one.what == what)
        .peekable();
    about.peek().is_some() && about.all(|one| one.fidelity == Fidelity::Exact)
}

/// A value as an alert shows it, which shows texts: nothing as an empty text, a list or an object as JSON, whose spaces and order
/// of keys say nothing.
fn text(value: Option<&Value>) -> String {
    let written = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match serde_json::from_str::<Value>(&written) {
        Ok(read) if read.is_object() || read.is_array() => sorted(&read).to_string(),
        Ok(_) | Err(_) => written,
    }
}

/// The value with its keys in order, without those that have no value.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut keys: Vec<&String> = entries.keys().collect();
            keys.sort();
            let filled = keys.into_iter().filter(|key| !entries[*key].is_null());
            filled
                .map(|key| (key.clone(), sorted(&entries[key])))
                .collect::<serde_json::Map<String, Value>>()
                .into()
        }
        Value::Array(items) => items.iter().map(sorted).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

/// A name as far as a custom detail keeps it.
fn word(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.take(18).collect::<String>().to_lowercase()
}

/// An event with the row that a table has of it.
struct Seen {
    /// As the rule sees it.
    event: Value,
    /// The event of the row, as the rule that was read back sees it.
    back: Value,
}

/// The event with the keys of its fields as the vendor spells them, which a rule's own test may not do.
fn spelt(source: &LogSourceMap, event: &Value) -> Value {
    let mut event = event.clone();
    for field in source.fields() {
        let mut holder = Some(&mut event);
        for step in &*field.field.segments {
            let Segment::Key(key) = step else { break };
            let entries = holder.take().and_then(Value::as_object_mut);
            let Some(entries) = entries else { break };
            let other = entries.keys().find(|other| other.eq_ignore_ascii_case(key));
            if let Some(other) = other.filter(|_| !entries.contains_key(key)).cloned() {
                let value = entries.shift_remove(&other).unwrap_or_default();
                entries.insert(key.clone(), value);
            }
            holder = entries.get_mut(key);
        }
    }
    event
}

/// The event in the table of the rule that was read back; nothing where no row holds it.
fn seen(rule: &Rule, back: &Rule, event: &Value) -> Option<Seen> {
    let crosswalk = Crosswalk::builtin();
    let read_source = back.log_sources.first()?;
    let (read, read_table) = (crosswalk.of(read_source)?, crosswalk.table_of(read_source)?);
    let mut sources = rule.log_sources.iter().filter_map(|one| crosswalk.of(one));
    let table = sources.find_map(|source| source.table(&read_table.name))?;
    let event = rows::of_table(table, &spelt(read, event));
    let row = rows::row(table, &event)?;
    let parts = rows::with_parts(read_table, row.clone())?;
    let back = rows::event(read, read_table, &parts);
    Some(Seen { event, back })
}

/// Counts of what was compared, and what differs.
#[derive(Default)]
struct Judged {
    titles: usize,
    outputs: usize,
    without_row: usize,
    wrong: Vec<String>,
}

impl Judged {
    /// Compares what the rule shows of its tests' events with what the document does.
    fn document(&mut self, rule: &Rule, translation: &Translation, document: &str) {
        let Some(back) = import("rule.yaml", document) else {
            return;
        };
        if back.threshold.is_some() || back.pipeline.is_some() || rule.threshold.is_some() {
            return;
        }
        for test in rule.tests.iter().filter(|test| test.expected) {
            let Some(seen) = seen(rule, &back, &test.event) else {
                self.without_row += 1;
                continue;
            };
            // A rule on several tables is one for each; an event is in one of them.
            if !eval::matches(rule, &seen.event) || !eval::matches(&back, &seen.back) {
                continue;
            }
            let of = format!("{} {}", rule.metadata.id, test.name);
            self.alert(&of, rule, &back, &seen, translation);
        }
    }

    fn alert(
        &mut self,
        of: &str,
        rule: &Rule,
        back: &Rule,
        seen: &Seen,
        translation: &Translation,
    ) {
        let before = eval::shown(rule, &seen.event);
        let after = eval::shown(back, &seen.back);
        let has_title = is_exact(translation, "title") && back.alert.title.is_some();
        if has_title {
            self.titles += 1;
            if before.title != after.title {
                let (before, after) = (&before.title, &after.title);
                self.wrong.push(format!("{of}: {before:?} is {after:?}"));
            }
        }
        let shown: IndexMap<String, String> = back
            .alert
            .details
            .iter()
            .map(|detail| {
                let value = eval::value(&detail.source, &seen.back);
                (word(&detail.name), text(value.as_ref()))
            })
            .collect();
        for output in &rule.outputs {
            let name = word(&output.name);
            let alike = |other: &&rulec::ir::Output| word(&other.name) == name;
            let is_exact = is_exact(translation, &format!("output {}", output.name));
            let named = back.alert.details.iter();
            let named = named.filter(|detail| word(&detail.name) == name).count();
            if !is_exact || named > 1 || rule.outputs.iter().filter(alike).count() > 1 {
                continue;
            }
            let Some(shown) = shown.get(&name) else {
                continue;
            };
            self.outputs += 1;
            let wanted = text(before.outputs.get(&output.name));
            if wanted != *shown {
                let name = &output.name;
                self.wrong
                    .push(format!("{of}: {name} {wanted:?} is {shown:?}"));
            }
        }
    }
}

#[test]
fn what_is_exact_is_shown_again() {
    let mut judged = Judged::default();
    for rule in rules() {
        let translation = export(&rule, Style::Usual);
        for artifact in &translation.artifacts {
            if artifact.path.extension().is_some_and(|end| end == "yaml") {
                judged.document(&rule, &translation, &artifact.text);
            }
        }
    }
    let wrong = judged.wrong;
    println!(
        "{} titles, {} outputs, {} differ; {} events that no row holds",
        judged.titles,
        judged.outputs,
        wrong.len(),
        judged.without_row
    );
    if let Some(path) = std::env::var_os("RULEC_SHOWN_DIFFERENCES") {
        std::fs::write(path, wrong.join("\n")).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        judged.titles > 0 && judged.outputs > 0,
        "something is shown"
    );
}

/// The facts of the vendor's reference for a scheduled rule's resource.
fn schema() -> Value {
    let text = json!({"type": "string", "minLength": 1});
    let span = json!({"type": "string", "pattern": "^P(\\d+D|T\\d+[HMS])$"});
    let texts = json!({"type": "array", "items": text});
    let properties = json!({
        "displayName": {"type": "string", "minLength": 1, "maxLength": 256},
        "description": {"type": "string", "maxLength": 5000},
        "severity": {"enum": ["High", "Medium", "Low", "Informational"]},
        "enabled": {"type": "boolean"},
        "query": {"type": "string", "minLength": 1, "maxLength": 10000},
        "queryFrequency": span,
        "queryPeriod": span,
        "triggerOperator": {"enum": ["GreaterThan", "LessThan", "Equal", "NotEqual"]},
        "triggerThreshold": {"type": "integer"},
        "suppressionDuration": span,
        "suppressionEnabled": {"type": "boolean"},
        "tactics": texts,
        "techniques": {"type": "array", "items": {"pattern": "^T\\d{4}$"}},
        "subTechniques": {"type": "array", "items": {"pattern": "^T\\d{4}\\.\\d{3}$"}},
        "entityMappings": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "entityType": text,
                    "fieldMappings": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 3,
                        "items": {
                            "properties": {"identifier": text, "columnName": text},
                            "required": ["identifier", "columnName"],
                            "additionalProperties": false,
                        },
                    },
                },
                "required": ["entityType", "fieldMappings"],
                "additionalProperties": false,
            },
        },
        "sentinelEntitiesMappings": {"type": "array"},
        "customDetails": {"type": "object", "maxProperties": 20, "additionalProperties": text},
        "alertDetailsOverride": {
            "type": "object",
            "properties": {
                "alertDisplayNameFormat": {"type": "string", "maxLength": 256},
                "alertDescriptionFormat": {"type": "string", "maxLength": 5000},
                "alertSeverityColumnName": text,
                "alertTacticsColumnName": text,
                "alertDynamicProperties": {"type": "array"},
            },
            "additionalProperties": false,
        },
        "eventGroupingSettings": {
            "properties": {"aggregationKind": {"enum": ["AlertPerResult", "SingleAlert"]}},
            "additionalProperties": false,
        },
        "incidentConfiguration": {"type": "object"},
    });
    let required = [
        "displayName",
        "enabled",
        "query",
        "queryFrequency",
        "queryPeriod",
        "severity",
        "suppressionDuration",
        "suppressionEnabled",
        "triggerOperator",
        "triggerThreshold",
    ];
    json!({
        "type": "object",
        "properties": {
            "type": {"const": "Microsoft.SecurityInsights/alertRules"},
            "apiVersion": {"pattern": "^\\d{4}-\\d{2}-\\d{2}(-preview)?$"},
            "name": {"pattern": "^[0-9a-f-]{36}$"},
            "scope": {"pattern": "^\\[.*\\]$"},
            "kind": {"const": "Scheduled"},
            "properties": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            },
        },
        "required": ["type", "apiVersion", "name", "scope", "kind", "properties"],
        "additionalProperties": false,
    })
}

#[test]
fn a_resource_has_the_vendors_keys_and_is_the_same_rule() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let mut judged = 0;
    for rule in rules() {
        let (usual, arm) = (export(&rule, Style::Usual), export(&rule, Style::Arm));
        let ([document, ..], [resource, ..]) =
            (usual.artifacts.as_slice(), arm.artifacts.as_slice())
        else {
            assert_eq!(usual.artifacts.is_empty(), arm.artifacts.is_empty());
            continue;
        };
        let template: Value = serde_json::from_str(&resource.text).unwrap();
        let found = &template["resources"][0];
        let wrong: Vec<String> = schema
            .iter_errors(found)
            .map(|error| format!("{error}"))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", rule.metadata.id);
        let (Some(a), Some(b)) = (
            import("rule.yaml", &document.text),
            import("rule.json", &resource.text),
        ) else {
            panic!("{}: it is not read back", rule.metadata.id);
        };
        judged += 1;
        assert_eq!(a.selection, b.selection, "{}", rule.metadata.id);
        assert_eq!(a.threshold, b.threshold, "{}", rule.metadata.id);
        assert_eq!(a.outputs, b.outputs, "{}", rule.metadata.id);
        assert_eq!(a.alert, b.alert, "{}", rule.metadata.id);
        assert_eq!(a.entities, b.entities, "{}", rule.metadata.id);
        assert_eq!(a.schedule, b.schedule, "{}", rule.metadata.id);
        assert_eq!(a.metadata.id, b.metadata.id);
        assert_eq!(a.metadata.severity, b.metadata.severity);
    }
    assert!(judged >= 3, "the examples are judged");
}

/// The texts of a template, wherever they stand.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(entries) => entries.values().for_each(|below| texts(below, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn a_text_in_brackets_is_no_expression_in_a_resource() {
    let crate::rules::Example { rule, .. } = crate::rules::examples()
        .into_iter()
        .find(|example| is_exact(&export(&example.rule, Style::Usual), "title"))
        .unwrap();
    let field = normalize(rule.clone()).alert.title.unwrap();
    for (open, close) in [
        ("[", "]"),
        ("[[", "]"),
        ("[[[", "]]"),
        ("[", ""),
        ("[[", ""),
        ("[] ", "[]"),
        ("[parameters('workspace')] ", "[variables('x')]"),
        ("", "]"),
        ("[x] ", " [y]."),
    ] {
        let framed = |text: &str| format!("{open}{text}{close}");
        let mut rule = normalize(rule.clone());
        rule.metadata.name = framed("name");
        rule.metadata.description = framed("description");
        // Nothing stands behind the description, so that it ends as it is.
        rule.metadata.references.clear();
        rule.metadata.runbook = None;
        rule.alert.title = Some(Term::call(
            Function::Concat,
            [Term::text(open), field.clone(), Term::text(close)],
        ));
        let (usual, arm) = (export(&rule, Style::Usual), export(&rule, Style::Arm));
        let text = &arm.artifacts[0].text;
        let template: Value = serde_json::from_str(text).unwrap();
        let mut found = Vec::new();
        texts(&template["resources"][0]["properties"], &mut found);
        let is_expression =
            |text: &&&str| text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[");
        assert_eq!(found.iter().find(is_expression), None, "{open}{close}");
        let back = import("rule.json", text).unwrap();
        assert_eq!(back.metadata.name, framed("name"));
        let usual = import("rule.yaml", &usual.artifacts[0].text).unwrap();
        assert_eq!(back.metadata.description, usual.metadata.description);
        assert!(
            back.metadata
                .description
                .starts_with(&framed("description"))
        );
        assert_eq!(back.alert, usual.alert, "{open}{close}");
        assert!(back.alert.title.is_some());
    }
}

/// The parts of the report about what is shown: fidelity and code.
fn told<'t>(translation: &'t Translation, what: &str) -> Vec<(Fidelity, &'t str)> {
    let mut constructs: Vec<&Construct> = translation.report.constructs.iter().collect();
    constructs.retain(|one| one.what == what);
    let told = constructs.into_iter();
    told.map(|one| (one.fidelity, one.code.map_or("", Code::name)))
        .collect()
}

/// An example on single events of `AWSCloudTrail`.
fn of_cloudtrail() -> Rule {
    let is_one = |rule: &Rule| {
        let is_cloudtrail = matches!(rule.log_sources.as_slice(), [LogSource::Known(name)] if name.id == "aws.cloudtrail");
        is_cloudtrail && rule.threshold.is_none() && rule.preserved.format == "panther"
    };
    let mut examples = crate::rules::examples().into_iter();
    let found = examples.find(|example| is_one(&example.rule));
    normalize(found.unwrap().rule)
}

#[test]
fn a_field_without_a_column_is_shown_as_missing() {
    let mut rule = of_cloudtrail();
    let lost = || Term::field(["noSuchField"]);
    let display = |term| Term::call(Function::Display, [term]);
    let concat = |parts: &[Term]| Term::call(Function::Concat, parts.to_vec());
    let output = |name: &str, source| Output {
        name: name.to_owned(),
        source,
        when: None,
        stage: Stage::AlertContext,
        origin: rule.origin,
    };
    let both = Term::call(Function::Coalesce, [lost(), Term::field(["eventName"])]);
    rule.outputs = vec![
        output("gone", lost()),
        output(
            "blank",
            Term::call(Function::Coalesce, [lost(), Term::text("-")]),
        ),
        output("both", both),
        output("kept", Term::field(["eventName"])),
    ];
    rule.alert.title = Some(concat(&[
        Term::text("by "),
        display(lost()),
        Term::text(" at "),
        Term::field(["eventName"]),
    ]));
    rule.alert.description = Some(lost());
    let translation = export(&rule, Style::Usual);
    let less = vec![(Fidelity::Narrower, "MAP006")];
    for what in [
        "output gone",
        "output blank",
        "output both",
        "title",
        "alert description",
    ] {
        assert_eq!(told(&translation, what), less, "{what}");
    }
    assert_eq!(
        told(&translation, "output kept"),
        [(Fidelity::Exact, "")],
        "what has a column"
    );
    let text = &translation.artifacts[0].text;
    let back = import("rule.yaml", text).unwrap();
    let event = json!({"eventName": "Login"});
    let (before, after) = (eval::shown(&rule, &event), eval::shown(&back, &event));
    assert_eq!(after.title.as_deref(), Some("by None at Login"));
    assert_eq!(before.title, after.title);
    assert_eq!(after.description, None);
    let names: Vec<&str> = back
        .alert
        .details
        .iter()
        .map(|detail| detail.name.as_str())
        .collect();
    assert_eq!(names, ["Both", "Kept"]);
    // A condition is another matter.
    rule.selection = rule.selection.clone().and(Condition::from(Predicate::new(
        lost(),
        Operator::Equals,
        Object::Literal(Literal::text("x")),
    )));
    assert!(export(&rule, Style::Usual).artifacts.is_empty());
}

#[test]
fn what_a_value_loses_is_told() {
    let rule = of_cloudtrail();
    let field = |path: &[&str]| Term::field(path.iter().copied());
    let fidelity = |source: Term| {
        let mut rule = rule.clone();
        rule.outputs = vec![Output {
            name: "shown".to_owned(),
            source,
            when: None,
            stage: Stage::AlertContext,
            origin: rule.origin,
        }];
        let translation = export(&rule, Style::Usual);
        let found = told(&translation, "output shown");
        found[0].0
    };
    let object = |term| Term::call(Function::Object, [Term::text("key"), term]);
    let item = |keys: &[&str]| Term::Item {
        depth: 0,
        path: FieldPath::keys(keys.iter().copied()),
    };
    let select = |when: Condition, item: Term| Term::Select {
        list: field(&["requestParameters", "items"]).into(),
        when: when.into(),
        item: item.into(),
    };
    let filled = Condition::from(Predicate::new(item(&[]), Operator::IsPresent, Object::None));
    for (source, wanted) in [
        (field(&["eventName"]), Fidelity::Exact),
        (field(&["requestParameters"]), Fidelity::Exact),
        (field(&["userIdentity"]), Fidelity::Narrower),
        (object(field(&["eventName"])), Fidelity::Narrower),
        (object(field(&["requestParameters", "x"])), Fidelity::Exact),
        (object(Term::text("x")), Fidelity::Exact),
        (select(Condition::TRUE, item(&["name"])), Fidelity::Narrower),
        (select(filled, item(&[])), Fidelity::Exact),
        (
            Term::call(Function::Display, [field(&["requestParameters"])]),
            Fidelity::Narrower,
        ),
        (
            Term::call(Function::Display, [field(&["eventName"])]),
            Fidelity::Exact,
        ),
    ] {
        assert_eq!(fidelity(source.clone()), wanted, "{source}");
    }
}

#[test]
fn an_empty_text_in_an_object_is_not_a_missing_one() {
    let mut rule = of_cloudtrail();
    let path = ["requestParameters", "name"];
    let filled = |function| Term::call(function, [Term::field(path), Term::text("none")]);
    let output = |name: &str, source| Output {
        name: name.to_owned(),
        source,
        when: None,
        stage: Stage::AlertContext,
        origin: rule.origin,
    };
    rule.outputs = vec![
        output("first", filled(Function::Coalesce)),
        output("second", filled(Function::IfMissing)),
    ];
    let said = Term::call(Function::Coalesce, [Term::field(path), Term::text("None")]);
    rule.alert.title = Some(Term::call(Function::Concat, [Term::text("of "), said]));
    let translation = export(&rule, Style::Usual);
    for what in ["output first", "output second", "title"] {
        assert_eq!(told(&translation, what), [(Fidelity::Exact, "")], "{what}");
    }
    let back = import("rule.yaml", &translation.artifacts[0].text).unwrap();
    for (event, shown, title) in [
        (json!({"requestParameters": {"name": "x"}}), "x", "of x"),
        (json!({"requestParameters": {"name": ""}}), "", "of "),
        (json!({"requestParameters": {}}), "none", "of None"),
        (json!({}), "none", "of None"),
    ] {
        let before = eval::shown(&rule, &event);
        let after = eval::shown(&back, &event);
        assert_eq!(before.title.as_deref(), Some(title), "{event}");
        assert_eq!(after.title, before.title, "{event}");
        for (output, detail) in rule.outputs.iter().zip(&back.alert.details) {
            let own = before.outputs.get(&output.name);
            assert_eq!(text(own), shown, "{event}");
            let value = eval::value(&detail.source, &event);
            assert_eq!(text(value.as_ref()), shown, "{event}");
        }
    }
}
