//! ATT&CK references as Panther writes them: `TA0007:T1526`, a tactic and a technique that belong together.

use crate::ir::Attack;
use crate::schema::AttackTable;

/// The pairs of a rule, and the references that no pair can be made of.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// `TA0007:T1526`.
    pub(super) pairs: Vec<String>,
    /// Ids that stand alone.
    pub(super) alone: Vec<String>,
}

/// Pairs every technique with the tactics that the rule names and the table says it belongs to; with the first of the table's
/// where the rule names none of them.
pub(super) fn reports(attack: &[Attack], table: &AttackTable) -> Reports {
    let named: Vec<&str> = attack
        .iter()
        .filter_map(|entry| entry.tactic.as_deref())
        .collect();
    let mut reports = Reports::default();
    let mut paired: Vec<&str> = Vec::new();
    for entry in attack {
        let Some(technique) = entry.technique.as_deref() else {
            continue;
        };
        if let Some(tactic) = entry.tactic.as_deref() {
            push(&mut reports.pairs, format!("{tactic}:{technique}"));
            paired.push(tactic);
            continue;
        }
        let tactics = table
            .technique(technique)
            .map_or(&[][..], |known| known.tactics.as_slice());
        let chosen: Vec<&str> = named
            .iter()
            .copied()
            .filter(|tactic| tactics.iter().any(|known| known == tactic))
            .collect();
        let chosen = if chosen.is_empty() {
            tactics.first().map(String::as_str).into_iter().collect()
        } else {
            chosen
        };
        if chosen.is_empty() {
            push(&mut reports.alone, technique.to_owned());
        }
        for tactic in chosen {
            push(&mut reports.pairs, format!("{tactic}:{technique}"));
            paired.push(tactic);
        }
    }
    for tactic in named {
        if !paired.contains(&tactic) {
            push(&mut reports.alone, tactic.to_owned());
        }
    }
    reports
}

fn push(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(tactic: Option<&str>, technique: Option<&str>) -> Attack {
        Attack {
            tactic: tactic.map(str::to_owned),
            technique: technique.map(str::to_owned),
        }
    }

    #[test]
    fn techniques_stand_with_the_tactics_they_belong_to() {
        let attack = [
            entry(Some("TA0007"), None),
            entry(Some("TA0003"), None),
            entry(Some("TA0040"), None),
            entry(None, Some("T1580")),
            entry(None, Some("T1078")),
        ];
        let reports = reports(&attack, AttackTable::builtin());
        assert_eq!(reports.pairs, ["TA0007:T1580", "TA0003:T1078"]);
        assert_eq!(reports.alone, ["TA0040"]);
    }

    #[test]
    fn a_technique_without_tactics_gets_the_tables_first() {
        let attack = [entry(None, Some("T1580")), entry(None, Some("T9999"))];
        let reports = reports(&attack, AttackTable::builtin());
        assert_eq!(reports.pairs, ["TA0007:T1580"]);
        assert_eq!(reports.alone, ["T9999"]);
    }
}
