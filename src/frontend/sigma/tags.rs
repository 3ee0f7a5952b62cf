//! Sigma tags: `attack.` tags to ATT&CK references, the others kept as they are.
//!
//! Sigma lists tactics and techniques side by side. A technique is joined with each tactic of the rule that it belongs to; a
//! tactic that no technique of the rule belongs to stands alone.

use crate::ir::Attack;
use crate::schema::AttackTable;

/// The references and the other tags. A tag of the ATT&CK namespace that the table does not know is among the others.
pub(super) fn read(tags: &[String]) -> (Vec<Attack>, Vec<String>) {
    let table = AttackTable::builtin();
    let mut tactics: Vec<&str> = Vec::new();
    let mut techniques: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for tag in tags {
        let name = tag.strip_prefix("attack.").unwrap_or("");
        let id = name.to_ascii_uppercase();
        if let Some(tactic) = table.tactic_named(name).filter(|_| !name.is_empty()) {
            tactics.push(&tactic.id);
        } else if let Some(tactic) = table.tactic(&id) {
            tactics.push(&tactic.id);
        } else if table.technique(&id).is_some() {
            techniques.push(id);
        } else {
            others.push(tag.clone());
        }
    }
    // Sigma's order of techniques says nothing; one order makes the pairs comparable.
    techniques.sort_unstable();
    let mut attack: Vec<Attack> = Vec::new();
    let mut push = |tactic: Option<&str>, technique: Option<&str>| {
        let reference = Attack {
            tactic: tactic.map(str::to_owned),
            technique: technique.map(str::to_owned),
        };
        if !attack.contains(&reference) {
            attack.push(reference);
        }
    };
    let belongs = |technique: &str, tactic: &str| {
        let known = table.technique(technique);
        known.is_some_and(|known| known.tactics.iter().any(|id| id == tactic))
    };
    for tactic in &tactics {
        let mut own = techniques
            .iter()
            .filter(|technique| belongs(technique, tactic))
            .peekable();
        if own.peek().is_none() {
            push(Some(tactic), None);
        }
        own.for_each(|technique| push(Some(tactic), Some(technique)));
    }
    for technique in &techniques {
        if !tactics.iter().any(|tactic| belongs(technique, tactic)) {
            push(None, Some(technique));
        }
    }
    (attack, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn techniques_stand_under_their_tactics() {
        let tags = [
            "attack.discovery",
            "attack.t1526",
            "attack.execution",
            "attack.T1003.001",
            "cve.2021-44228",
            "attack.g0001",
            "attack.defense_evasion",
        ];
        let (attack, others) = read(&tags.map(str::to_owned));
        let shown: Vec<String> = attack
            .iter()
            .map(|one| {
                let part = |id: &Option<String>| id.clone().unwrap_or_default();
                format!("{}:{}", part(&one.tactic), part(&one.technique))
            })
            .collect();
        assert_eq!(shown, ["TA0007:T1526", "TA0002:", "TA0005:", ":T1003.001"]);
        assert_eq!(others, ["cve.2021-44228", "attack.g0001"]);
    }
}
