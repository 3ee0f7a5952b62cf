//! What alternatives have in common stands once, wherever it stands in them: `a and b or c and a` is `a and (b or c)`.

use smallvec::SmallVec;

use crate::ir::{Condition, Fingerprint};

/// The condition with what neighbouring alternatives have in common before them.
pub(super) fn factored(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::Any(parts) if have_common(parts) => gathered(parts),
        _ => None,
    })
}

/// Whether an alternative has a conjunct in common with the one before it.
fn have_common(parts: &[Condition]) -> bool {
    let mut before: SmallVec<[Fingerprint; 8]> = SmallVec::new();
    parts.iter().any(|part| {
        let prints = part.conjuncts().iter().map(Condition::fingerprint);
        let prints: SmallVec<[Fingerprint; 8]> = prints.collect();
        let is_common = prints.iter().any(|print| before.contains(print));
        before = prints;
        is_common
    })
}

/// Alternatives with conjuncts in common.
struct Group {
    common: Vec<Condition>,
    parts: Vec<Vec<Condition>>,
}

fn gathered(parts: &[Condition]) -> Option<Condition> {
    let mut groups: Vec<Group> = Vec::new();
    for part in parts {
        let conjuncts = part.conjuncts().to_vec();
        let prints: Vec<Fingerprint> = conjuncts.iter().map(Condition::fingerprint).collect();
        let common: Vec<Condition> = groups.last().map_or_else(Vec::new, |group| {
            let common = group.common.iter();
            let shared = common.filter(|condition| prints.contains(&condition.fingerprint()));
            shared.cloned().collect()
        });
        match groups.last_mut() {
            Some(group) if !common.is_empty() => {
                group.common = common;
                group.parts.push(conjuncts);
            }
            _ => groups.push(Group {
                common: conjuncts.clone(),
                parts: vec![conjuncts],
            }),
        }
    }
    if groups.len() == parts.len() {
        return None;
    }
    let joined = groups.into_iter().map(|group| {
        let prints: Vec<Fingerprint> = group.common.iter().map(Condition::fingerprint).collect();
        let rest = group.parts.into_iter().map(|conjuncts| {
            let own = conjuncts
                .into_iter()
                .filter(|condition| !prints.contains(&condition.fingerprint()));
            own.fold(Condition::TRUE, Condition::and)
        });
        let rest = rest.fold(Condition::FALSE, Condition::or);
        let common = group.common.into_iter();
        common.fold(Condition::TRUE, Condition::and).and(rest)
    });
    Some(joined.fold(Condition::FALSE, Condition::or))
}
