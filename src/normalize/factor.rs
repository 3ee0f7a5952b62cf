//! Common parts of alternatives stand once: `a and b or a and c` is `a and (b or c)`.

use crate::ir::{Condition, Local};

pub(super) fn factor(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Factor, &mut |node| match node {
        Condition::Any(parts) if any_alike(parts) => {
            let grouped = grouped(parts.to_vec()).into_iter();
            Some(grouped.fold(Condition::FALSE, Condition::or))
        }
        Condition::Any(_) => node.folded(),
        _ => None,
    })
}

/// Whether an alternative differs from an earlier one in one conjunct only.
fn any_alike(parts: &[Condition]) -> bool {
    let alike =
        |old: &Condition, new: &Condition| differing(old.conjuncts(), new.conjuncts()).is_some();
    let mut later = parts.iter().enumerate();
    later.any(|(at, new)| parts[..at].iter().any(|old| alike(old, new)))
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

/// The only position at which two conjunctions differ.
fn differing(a: &[Condition], b: &[Condition]) -> Option<usize> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let mut differing = (0..a.len()).filter(|at| a[*at] != b[*at]);
    match (differing.next()?, differing.next()) {
        (at, None) => Some(at),
        _ => None,
    }
}

fn join(a: &[Condition], b: &[Condition]) -> Option<Condition> {
    let at = differing(a, b)?;
    let mut parts = a.to_vec();
    parts[at] = a[at].clone().or(b[at].clone());
    Some(Condition::All(parts.into()))
}
