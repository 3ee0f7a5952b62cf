//! Common parts of alternatives stand once: `a and b or a and c` is `a and (b or c)`.

use crate::ir::Condition;

pub(super) fn factor(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::Any(parts) => grouped(parts.into_vec())
            .into_iter()
            .fold(Condition::FALSE, Condition::or),
        other => other,
    })
}

/// The alternatives, each joined to an earlier one from which it differs in one conjunct only.
fn grouped(parts: Vec<Condition>) -> Vec<Condition> {
    let mut kept: Vec<Condition> = Vec::new();
    for part in parts {
        let joined = kept
            .iter()
            .enumerate()
            .find_map(|(at, old)| Some((at, join(old.conjuncts(), part.conjuncts())?)));
        match joined {
            Some((at, condition)) => kept[at] = condition,
            None => kept.push(part),
        }
    }
    kept
}

fn join(a: &[Condition], b: &[Condition]) -> Option<Condition> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let mut differing = (0..a.len()).filter(|at| a[*at] != b[*at]);
    let (at, None) = (differing.next()?, differing.next()) else {
        return None;
    };
    let mut parts = a.to_vec();
    parts[at] = a[at].clone().or(b[at].clone());
    Some(Condition::All(parts.into()))
}
