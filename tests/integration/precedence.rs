//! Conditions keep their shape through every target: all trees of depth two over three atoms, and a sample of depth three, are
//! printed, read back and compared by truth table.

use rulec::backend::TARGETS;
use rulec::eval;
use rulec::ir::{
    Condition, Literal, LogSource, Metadata, Object, Operator, Predicate, Rule, Shared, Term,
};
use serde_json::{Value, json};

use crate::read_back;

const ATOMS: [&str; 3] = ["eventName", "eventSource", "awsRegion"];

fn atom(field: &str) -> Condition {
    Predicate::new(
        Term::field([field]),
        Operator::Equals,
        Object::Literal(Literal::text("x")),
    )
    .into()
}

fn deeper(shallow: &[Condition]) -> Vec<Condition> {
    let mut trees: Vec<Condition> = shallow.to_vec();
    for a in shallow {
        trees.push(Condition::Not(Shared::new(a.clone())));
        for b in shallow {
            trees.push(Condition::All(vec![a.clone(), b.clone()].into()));
            trees.push(Condition::Any(vec![a.clone(), b.clone()].into()));
        }
    }
    trees
}

/// All events over the three fields, each with the wanted value or another.
fn truth_table() -> Vec<Value> {
    let value = |set: bool| if set { "x" } else { "y" };
    (0..8).map(|row| json!({ATOMS[0]: value(row & 1 != 0), ATOMS[1]: value(row & 2 != 0), ATOMS[2]: value(row & 4 != 0)})).collect()
}

fn rule(selection: Condition) -> Rule {
    let mut rule = Rule::new(Metadata {
        id: "Test.Precedence".into(),
        name: "Precedence".into(),
        ..Metadata::default()
    });
    rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
    rule.selection = selection;
    rule
}

#[test]
fn printed_conditions_read_back_with_the_same_truth_table() {
    let atoms: Vec<Condition> = ATOMS.iter().map(|field| atom(field)).collect();
    let two = deeper(&deeper(&atoms));
    let three = two.iter().enumerate().map(|(at, tree)| {
        let other = two[(at * 37 + 11) % two.len()].clone();
        let joined = if at % 2 == 0 {
            Condition::All(vec![tree.clone(), other].into())
        } else {
            Condition::Any(vec![tree.clone(), other].into())
        };
        if at % 3 == 0 {
            Condition::Not(Shared::new(joined))
        } else {
            joined
        }
    });
    let table = truth_table();
    // The trees go in as they are, not in normal form: the printer must cope with any shape.
    for tree in two.iter().cloned().chain(three) {
        let rule = rule(tree);
        for target in TARGETS {
            let read = read_back::through(&rule, *target)
                .rule
                .unwrap_or_else(|| panic!("{} refuses {}", target.name(), rule.selection));
            for event in &table {
                let (before, after) = (eval::matches(&rule, event), eval::matches(&read, event));
                assert_eq!(
                    before,
                    after,
                    "{}: {event}\nsource: {}\nread: {}",
                    target.name(),
                    rule.selection,
                    read.selection
                );
            }
        }
    }
}
