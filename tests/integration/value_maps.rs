//! Columns that spell their values in another way keep a rule's meaning: on every value that the map has, on one that it has
//! not, on `null` and on nothing. The query is judged twice: on the row that the map makes of an event, as a query on a table of
//! which nothing is known, and read back through the map on the event itself.

use rulec::analysis::Fidelity;
use rulec::backend;
use rulec::eval;
use rulec::ir::{
    CaseSensitivity, Condition, FieldPath, Kind, Literal, LogSource, Metadata, Object, Operator,
    Predicate, Rule, Term,
};
use rulec::schema::{Column, Crosswalk, Direction, FieldType, TableMap};
use serde_json::{Map, Value, json};

use crate::read_back;

/// The rule of a query.
fn read(query: &str) -> Rule {
    let rule = read_back::query(query).unwrap_or_else(|| panic!("{query}"));
    assert!(rule.residue.is_empty(), "{query}: {:?}", rule.residue);
    rule
}

/// The query that the condition becomes, and whether it says the same; nothing where it is refused.
fn written(source: &str, condition: &Condition) -> Option<(String, bool)> {
    let mut rule = Rule::new(Metadata::default());
    rule.log_sources = vec![LogSource::known(source)];
    rule.selection = condition.clone();
    let target = backend::target("kql").unwrap();
    let translation = rulec::export(&rule, target);
    let artifact = translation.artifacts.first()?;
    let lines = artifact.text.lines();
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
    let exact = translation.report.condition() == Fidelity::Exact;
    Some((lines.join("\n"), exact))
}

fn put(object: &mut Map<String, Value>, path: &FieldPath, value: Value) {
    let mut keys: Vec<String> = path.to_string().split('.').map(str::to_owned).collect();
    let last = keys.pop().unwrap();
    let mut inner = object;
    for key in keys {
        let below = inner.entry(key).or_insert_with(|| json!({}));
        inner = below.as_object_mut().unwrap();
    }
    inner.insert(last, value);
}

/// Events with each value that the field can have, each with its row.
fn events(column: &Column, kind: FieldType) -> Vec<(Value, Value)> {
    let mut cases: Vec<(Option<Value>, Value)> = column
        .values
        .pairs()
        .map(|(own, spelt)| (Some(own.to_json()), spelt.to_json()))
        .collect();
    let blank = json!("");
    cases.push((None, blank.clone()));
    cases.push((Some(Value::Null), blank));
    if !column.values.is_complete() {
        let other = match kind {
            FieldType::Integer => json!(987_654),
            _ => json!("Something else"),
        };
        cases.push((Some(other), json!("Something else")));
    }
    let events = cases.into_iter().map(|(own, spelt)| {
        let mut event = Map::new();
        if let Some(own) = own {
            put(&mut event, &column.field, own);
        }
        let mut row = Map::new();
        row.insert(column.name.clone(), spelt);
        (Value::Object(event), Value::Object(row))
    });
    events.collect()
}

/// Whether the row is one of the source's, what other columns would say of it being filled in.
fn is_own(row: &mut Value, table: &TableMap) -> bool {
    let row = row.as_object_mut().unwrap();
    table.only.iter().all(|(name, values)| {
        let first = || values[0].to_json();
        let shown = row.entry(name).or_insert_with(first);
        values.iter().any(|value| value.to_json() == *shown)
    })
}

/// Questions about the field, some of which a map cannot answer.
fn questions(column: &Column) -> Vec<Predicate> {
    let field = || Term::Field(column.field.clone());
    let owns: Vec<Literal> = column.values.pairs().map(|(own, _)| own.clone()).collect();
    let mut questions: Vec<Predicate> = owns
        .iter()
        .map(|own| Predicate::new(field(), Operator::Equals, Object::Literal(own.clone())))
        .collect();
    for constant in [
        Literal::Integer(987_654),
        Literal::text("987654"),
        Literal::Boolean(true),
    ] {
        questions.push(Predicate::new(
            field(),
            Operator::Equals,
            Object::Literal(constant),
        ));
    }
    let lists = [
        owns[..1].to_vec(),
        owns[1..].to_vec(),
        owns.clone(),
        vec![Literal::Integer(987_654)],
    ];
    for list in lists {
        questions.push(Predicate::new(field(), Operator::In, Object::List(list)));
    }
    for operator in [
        Operator::Exists,
        Operator::IsPresent,
        Operator::IsFilled,
        Operator::IsTruthy,
    ] {
        questions.push(Predicate::new(field(), operator, Object::None));
    }
    for kinds in [
        vec![Kind::Integer],
        vec![Kind::Text],
        vec![Kind::Boolean, Kind::Null],
    ] {
        questions.push(Predicate::new(
            field(),
            Operator::IsKind,
            Object::Kinds(kinds),
        ));
    }
    for operator in [Operator::LessThan, Operator::AtLeast] {
        let two = Object::Literal(Literal::Integer(2));
        questions.push(Predicate::new(field(), operator, two));
    }
    let part = Object::Texts(vec!["e".to_owned()]);
    questions.push(Predicate::new(field(), Operator::Contains, part));
    let insensitive = questions.clone().into_iter().map(|mut question| {
        question.case = CaseSensitivity::Insensitive;
        question
    });
    questions.extend(insensitive.collect::<Vec<_>>());
    questions
}

#[test]
fn a_spelling_keeps_the_meaning() {
    let (mut said, mut refused) = (0, 0);
    for source in Crosswalk::builtin().sources() {
        let Some(table) = source.preferred_table().filter(|table| table.is_whole()) else {
            continue;
        };
        let spelt = table.columns.iter().filter(|column| {
            !column.values.is_empty()
                && column.direction == Direction::Both
                && column.path.segments.is_empty()
        });
        for column in spelt {
            let mut events = events(column, source.kind(&column.field));
            events.retain_mut(|(_, row)| is_own(row, table));
            for question in questions(column) {
                for condition in [
                    Condition::from(question.clone()),
                    Condition::from(question).negate(),
                ] {
                    let Some((query, true)) = written(&source.id, &condition) else {
                        refused += 1;
                        continue;
                    };
                    said += 1;
                    let plain = read(&query.replacen(&table.name, "Rows_CL", 1));
                    let back = read(&query);
                    for (event, row) in &events {
                        let wanted = eval::holds(&condition, event);
                        let on_row = eval::holds(&plain.selection, row);
                        assert_eq!(on_row, wanted, "{condition}: {query} on {row}");
                        let on_event = eval::holds(&back.selection, event);
                        assert_eq!(
                            on_event, wanted,
                            "{condition}: {} on {event}",
                            back.selection
                        );
                    }
                }
            }
        }
    }
    assert!(said > 100 && refused > 10, "{said} said, {refused} refused");
}

#[test]
fn a_query_asks_for_values_in_the_columns_words() {
    for (query, selection) in [
        (
            r#"RecordType == "SharePointFileOperation""#,
            "RecordType eq 6",
        ),
        (
            r#"RecordType =~ "sharepointfileoperation""#,
            "RecordType eq 6",
        ),
        (r#"UserType in ("Admin", "DcAdmin")"#, "UserType in [2, 3]"),
        (r#"UserType != "Admin""#, "UserType not eq 2"),
        ("isempty(UserType)", "UserType not present"),
        (
            r#"tolower(ExternalAccess) == "true""#,
            "ExternalAccess eq true",
        ),
        ("tobool(ExternalAccess)", "ExternalAccess eq true"),
        (
            r#"ExternalAccess startswith "F""#,
            "ExternalAccess eq false",
        ),
    ] {
        let rule = read(&format!("OfficeActivity\n| where {query}"));
        assert_eq!(rule.selection.to_string(), selection, "{query}");
    }
}
