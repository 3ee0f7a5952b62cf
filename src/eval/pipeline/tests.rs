//! What pipelines make of rows.

use serde_json::{Value, json};

use super::{NoRows, rows};
use crate::ir::pipeline::{
    ColumnKind, Conflict, Expanded, ExpandedList, Gather, Gathered, Given, GivenShape, JoinKind,
    Joined, NamedTerm, Pipeline, RowColumn, RowSource, RowStage, SortKey, Summary, Unpacked,
};
use crate::ir::{Condition, Literal, LogSource, Object, Operator, Predicate, Term};

fn column(name: &str, kind: ColumnKind) -> RowColumn {
    RowColumn {
        name: name.to_owned(),
        kind,
    }
}

fn table(columns: &[(&str, ColumnKind)], values: &Value) -> Pipeline {
    let row = |row: &Value| {
        let values = row.as_array().into_iter().flatten();
        values.map(Literal::from_json).collect()
    };
    Pipeline::of(RowSource::Rows {
        columns: columns
            .iter()
            .map(|(name, kind)| column(name, *kind))
            .collect(),
        rows: values.as_array().into_iter().flatten().map(row).collect(),
    })
}

fn left() -> Pipeline {
    let columns = [("k", ColumnKind::Text), ("a", ColumnKind::Number)];
    table(&columns, &json!([["x", 1], ["x", 2], ["y", 3], ["", null]]))
}

fn with(mut pipeline: Pipeline, stage: RowStage) -> Pipeline {
    pipeline.stages.push(stage);
    pipeline
}

/// The rows as lists of values, in the order of the columns.
fn made(pipeline: &Pipeline) -> Value {
    let table = rows(pipeline, &[], None).expect("there are rows");
    let row = |row: &super::Row| {
        let values = table.columns.iter().map(|column| row[&column.name].clone());
        values.collect::<Value>()
    };
    table.rows.iter().map(row).collect()
}

fn join(kind: JoinKind) -> Value {
    let columns = [("k", ColumnKind::Text), ("b", ColumnKind::Text)];
    let right = table(&columns, &json!([["x", "p"], ["z", "q"], ["", "r"]]));
    let key = Term::field(["k"]);
    made(&with(
        left(),
        RowStage::Join(Box::new(Joined {
            kind,
            right,
            on: vec![(key.clone(), key)],
            without: Vec::new(),
        })),
    ))
}

#[test]
fn joins_pair_rows_by_their_keys() {
    for (kind, expected) in [
        (
            JoinKind::Inner,
            json!([["x", 1, "x", "p"], ["x", 2, "x", "p"], ["", null, "", "r"]]),
        ),
        (
            JoinKind::InnerUnique,
            json!([["x", 1, "x", "p"], ["", null, "", "r"]]),
        ),
        (
            JoinKind::LeftOuter,
            json!([
                ["x", 1, "x", "p"],
                ["x", 2, "x", "p"],
                ["y", 3, "", ""],
                ["", null, "", "r"]
            ]),
        ),
        (
            JoinKind::RightOuter,
            json!([
                ["x", 1, "x", "p"],
                ["x", 2, "x", "p"],
                ["", null, "", "r"],
                ["", null, "z", "q"]
            ]),
        ),
        (JoinKind::LeftSemi, json!([["x", 1], ["x", 2], ["", null]])),
        (JoinKind::LeftAnti, json!([["y", 3]])),
        (JoinKind::RightSemi, json!([["x", "p"], ["", "r"]])),
        (JoinKind::RightAnti, json!([["z", "q"]])),
    ] {
        assert_eq!(join(kind), expected, "{kind:?}");
    }
}

#[test]
fn groups_leave_out_nulls_and_exist_without_rows() {
    let gathered = |name: &str, what| Gathered {
        name: name.to_owned(),
        what,
        of: (what != Gather::Count).then(|| Term::field(["a"])),
        when: None,
        kind: ColumnKind::Any,
    };
    let all = vec![
        gathered("n", Gather::Count),
        gathered("sum", Gather::Sum),
        gathered("least", Gather::Least),
        gathered("set", Gather::Set(9)),
    ];
    let key = NamedTerm {
        name: "k".to_owned(),
        source: Term::field(["k"]),
        kind: ColumnKind::Text,
    };
    let by = Summary {
        by: vec![key],
        gathered: all.clone(),
        picked: Vec::new(),
    };
    let expected = json!([
        ["x", 2, 3, 1, [1, 2]],
        ["y", 1, 3, 3, [3]],
        ["", 1, 0, null, []]
    ]);
    assert_eq!(
        made(&with(left(), RowStage::Summarize(by.clone()))),
        expected
    );
    let none = with(left(), RowStage::Where(Condition::FALSE));
    let whole = Summary {
        gathered: all,
        ..Summary::default()
    };
    assert_eq!(
        made(&with(none.clone(), RowStage::Summarize(by))),
        json!([])
    );
    let expected = json!([[0, 0, null, []]]);
    assert_eq!(made(&with(none, RowStage::Summarize(whole))), expected);
}

#[test]
fn nulls_are_sorted_to_their_end() {
    let sorted = |descending, nulls_first| {
        let key = SortKey {
            by: Term::field(["a"]),
            descending,
            nulls_first,
        };
        let rows = made(&with(left(), RowStage::Sort(vec![key])));
        rows.as_array()
            .into_iter()
            .flatten()
            .map(|row| row[1].clone())
            .collect::<Value>()
    };
    assert_eq!(sorted(true, false), json!([3, 2, 1, null]));
    assert_eq!(sorted(false, true), json!([null, 1, 2, 3]));
    assert_eq!(sorted(false, false), json!([1, 2, 3, null]));
}

#[test]
fn lists_go_side_by_side() {
    let columns = [("a", ColumnKind::Any), ("b", ColumnKind::Any)];
    let rows = table(&columns, &json!([[[1, 2], {"x": 1}], [null, []], [[], []]]));
    let list = |name: &str| ExpandedList {
        name: name.to_owned(),
        list: Term::field([name]),
    };
    let expanded = Expanded {
        lists: vec![list("a"), list("b")],
        index: Some("at".to_owned()),
        limit: None,
        pairs: false,
    };
    assert_eq!(
        made(&with(rows, RowStage::Expand(expanded))),
        json!([[1, {"x": 1}, 0], [2, null, 1], [null, null, 0]])
    );
}

#[test]
fn unions_pair_columns_by_name() {
    let other = table(
        &[("b", ColumnKind::Text), ("a", ColumnKind::Number)],
        &json!([["q", 7]]),
    );
    let source = RowSource::Union {
        parts: vec![left(), other],
        label: None,
        common: false,
    };
    let rows = made(&Pipeline::of(source));
    assert_eq!(rows[0], json!(["x", 1, ""]));
    assert_eq!(rows[4], json!(["", 7, "q"]));
}

#[test]
fn entries_become_columns() {
    let columns = [("n", ColumnKind::Number), ("d", ColumnKind::Any)];
    let rows = table(&columns, &json!([[1, {"b": 1, "a": 2}], [2, {"n": 3}]]));
    let unpacked = |conflict| Unpacked {
        column: "d".to_owned(),
        prefix: String::new(),
        without: Vec::new(),
        conflict,
    };
    let kept = with(
        rows.clone(),
        RowStage::Unpack(unpacked(Some(Conflict::KeepColumn))),
    );
    assert_eq!(made(&kept), json!([[1, 2, 1], [2, null, null]]));
    let refused = with(rows, RowStage::Unpack(unpacked(None)));
    assert_eq!(super::rows(&refused, &[], None), Err(NoRows::Conflict));
}

#[test]
fn given_lists_are_fields_of_events() {
    let source = LogSource::known("s");
    let item = Term::Item {
        depth: 0,
        path: crate::ir::FieldPath::root(),
    };
    let same = Predicate::new(
        item,
        Operator::Equals,
        Object::Term(Term::field(["k"]).into()),
    );
    let selection = Condition::Items {
        quantifier: crate::ir::Quantifier::Some,
        list: Term::field(["(1)"]).into(),
        body: Condition::from(same).into(),
    };
    let mut pipeline = Pipeline::of(RowSource::Events {
        sources: vec![source.clone()],
        selection,
        look_back: None,
        columns: Vec::new(),
        rest: true,
    });
    pipeline.given.push(Given {
        name: "(1)".to_owned(),
        shape: GivenShape::List,
        rows: left(),
    });
    let events = vec![json!({"k": "y"}), json!({"k": "z"})];
    let found = super::rows(&pipeline, &[(source, events)], None).expect("there are rows");
    assert_eq!(json!(found.rows), json!([{"k": "y"}]));
}

#[test]
fn no_pipeline_runs_forever() {
    let number = |number| Term::Literal(Literal::Integer(number));
    let endless = Pipeline::of(RowSource::Range {
        column: column("x", ColumnKind::Number),
        from: number(0),
        to: number(i64::MAX),
        step: number(1),
    });
    assert_eq!(rows(&endless, &[], None), Err(NoRows::TooMany));
    assert_eq!(
        rows(&Pipeline::of(RowSource::Input), &[], None),
        Err(NoRows::NoInput)
    );
}
