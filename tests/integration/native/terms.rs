//! Terms of every form in an emitted module: choices, lists that are made, values within values, several values at once.

use rulec::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Literal, Metadata, Object, Operator,
    Origin, Output, Predicate, Quantifier, Rule, Stage, Term,
};
use serde_json::{Value, json};

use super::proof::{self, Proof};

fn field(path: &str) -> Term {
    Term::Field(FieldPath::parse(path).unwrap())
}

fn item(depth: usize, path: &str) -> Term {
    Term::Item {
        depth,
        path: FieldPath::parse(path).unwrap(),
    }
}

fn asked(subject: Term, operator: Operator, object: Object) -> Condition {
    Predicate::new(subject, operator, object).into()
}

fn of(other: Term) -> Object {
    Object::Term(other.into())
}

fn select(list: Term, when: Condition, item: Term) -> Term {
    Term::Select {
        list: list.into(),
        when: when.into(),
        item: item.into(),
    }
}

fn choice(when: Condition, then: Term, otherwise: Term) -> Term {
    Term::Choice {
        cases: vec![Case { when, then }].into(),
        otherwise: otherwise.into(),
    }
}

fn number(value: i64) -> Term {
    Term::Literal(Literal::Integer(value))
}

/// The names of a tree's nodes: of a value its own and those of its children.
fn names() -> Term {
    let children = select(
        item(0, "children"),
        Condition::TRUE,
        Term::call(Function::Again, [item(0, ""), number(1)]),
    );
    let own = Term::call(Function::List, [item(0, "name")]);
    let below = choice(
        asked(item(0, "children"), Operator::IsTruthy, Object::None),
        Term::call(Function::Flatten, [children]),
        Term::Literal(Literal::List(Vec::new())),
    );
    let taken = Term::call(Function::Append, [own, below]);
    let whole = Term::call(Function::List, [field("tree")]);
    Term::call(
        Function::Recurse,
        [select(whole, Condition::TRUE, taken), number(1)],
    )
}

fn terms() -> Vec<Term> {
    let is_filled = |term| asked(term, Operator::IsFilled, Object::None);
    let inner = select(
        item(0, "names"),
        asked(item(0, ""), Operator::Contains, of(item(1, "kind"))),
        Term::call(Function::Concat, [item(0, ""), field("user")]),
    );
    vec![
        names(),
        choice(
            is_filled(field("user")),
            field("user"),
            Term::text("nobody at all, as it seems"),
        ),
        select(field("list"), is_filled(item(0, "kind")), inner),
        Term::call(Function::Lower, [field("list[].kind")]),
        Term::call(
            Function::Concat,
            [
                field("list[].kind"),
                Term::text("-"),
                field("list[].names[]"),
            ],
        ),
        Term::call(Function::IfMissing, [field("list[].none"), field("user")]),
        choice(
            is_filled(field("user")),
            field("list[].names[]"),
            field("list[1].kind"),
        ),
        Term::call(
            Function::Member,
            [
                Term::Literal(Literal::object([("a".to_owned(), Literal::Integer(1))])),
                field("user"),
            ],
        ),
        Term::call(Function::Anywhere, []),
        Term::call(Function::Upper, [Term::call(Function::Anywhere, [])]),
        Term::call(Function::ScanTime, []),
    ]
}

fn conditions() -> Vec<Condition> {
    let any_case = |subject, operator, object| -> Condition {
        let mut predicate = Predicate::new(subject, operator, object);
        predicate.case = CaseSensitivity::Insensitive;
        predicate.into()
    };
    let lowered = Term::call(Function::Lower, [field("list[].kind")]);
    vec![
        asked(lowered.clone(), Operator::Equals, of(field("user"))),
        asked(field("user"), Operator::Equals, of(lowered)),
        any_case(
            field("user"),
            Operator::StartsWith,
            of(field("list[].kind")),
        ),
        asked(
            field("list[].names[]"),
            Operator::Contains,
            of(field("list[].kind")),
        ),
        any_case(field("user"), Operator::HasTerm, of(field("other"))),
        Condition::Items {
            quantifier: Quantifier::Every,
            list: select(field("list"), Condition::TRUE, item(0, "kind")).into(),
            body: asked(item(0, ""), Operator::AtLeast, of(field("user"))).into(),
        },
        asked(names(), Operator::IsTruthy, Object::None),
        asked(
            Term::call(Function::Anywhere, []),
            Operator::EndsWith,
            Object::Texts(vec!["n".to_owned()]),
        ),
        asked(
            Term::call(Function::ScanTime, []),
            Operator::Exists,
            Object::None,
        ),
    ]
}

fn events() -> Vec<Value> {
    let leaf = |name: &str| json!({"name": name, "children": []});
    let tree = json!({"name": "r", "children": [leaf("a"), {"name": "b", "children": [leaf("c"), 5]}, leaf("a")]});
    let lists = [
        json!(null),
        json!("text"),
        json!([]),
        json!([{"kind": "Ann", "names": ["Annika", "ann", null, 4]}, {"kind": "b", "names": "x"}, 7]),
        json!([{"kind": ""}, {"names": []}, {"kind": "ann", "names": ["bann"], "none": null}]),
    ];
    let mut events = vec![json!({}), json!({"tree": tree}), json!({"tree": [1]})];
    for list in lists {
        for user in [json!("ann"), json!("a"), json!(null), json!(3)] {
            events.push(json!({"list": list, "user": user, "tree": tree, "other": "ANN"}));
            events.push(json!({"list": list, "user": user}));
        }
        events.push(json!({"list": list, "other": "b"}));
    }
    events
}

#[test]
fn terms_of_every_form_are_what_the_evaluator_makes_of_them() {
    let rule = |slug: &str| {
        Rule::new(Metadata {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            ..Metadata::default()
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let mut proof = Proof::new(folder.path());
    let mut whole = rule("terms");
    let output = |(at, source): (usize, Term)| Output {
        name: format!("term {at}"),
        source,
        when: (at % 3 == 0).then(|| asked(field("user"), Operator::Exists, Object::None)),
        stage: Stage::Fields,
        origin: Origin::default(),
    };
    whole.outputs = terms().into_iter().enumerate().map(output).collect();
    whole.alert.title = Some(Term::call(
        Function::Concat,
        [Term::text("by "), field("user")],
    ));
    whole.alert.dedup = Some(field("list[0].kind"));
    assert!(proof.emit(&whole, &events()));
    for (at, condition) in conditions().into_iter().enumerate() {
        let mut asks = rule(&format!("condition_{at}"));
        // Asked twice, it has a name.
        let twice = Condition::Any(
            vec![
                condition.clone(),
                asked(field("x"), Operator::Exists, Object::None),
            ]
            .into(),
        );
        let not = twice
            .clone()
            .negate()
            .or(asked(field("y"), Operator::Exists, Object::None));
        asks.selection = condition.or(twice.clone().and(not)).or(twice);
        assert!(proof.emit(&asks, &events()), "{}", asks.selection);
    }
    match proof::run(&proof.finish()) {
        Ok(said) => print!("{said}"),
        Err(reason) => println!("skipped: {reason}"),
    }
}
