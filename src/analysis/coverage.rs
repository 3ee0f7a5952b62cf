//! A rule's ATT&CK coverage: tactics with the techniques under them, by name.
//!
//! A technique without a tactic stands under those tactics of the rule that ATT&CK knows it for, else under all of them in
//! ATT&CK. An id that the table does not know is shown as it is.

use serde::Serialize;

use crate::ir::Attack;
use crate::schema::AttackTable;

/// A technique with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoveredTechnique {
    /// The id.
    pub id: String,
    /// The name; empty where the id is not known.
    pub name: String,
}

/// A tactic and the rule's techniques under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The tactic's name; its id where it is not known, empty where the technique belongs to none.
    pub tactic: String,
    /// The techniques, in the rule's order.
    pub techniques: Vec<CoveredTechnique>,
}

/// The coverage of the rule's references, tactics in the rule's order.
pub fn coverage(attack: &[Attack], table: &AttackTable) -> Vec<Coverage> {
    let named: Vec<&str> = attack
        .iter()
        .filter_map(|entry| entry.tactic.as_deref())
        .collect();
    let mut rows: Vec<Coverage> = Vec::new();
    for entry in attack {
        for tactic in tactics(entry, &named, table) {
            let name = table.tactic(tactic).map_or(tactic, |tactic| &tactic.name);
            let at = rows
                .iter()
                .position(|row| row.tactic == name)
                .unwrap_or_else(|| {
                    rows.push(Coverage {
                        tactic: name.to_owned(),
                        techniques: Vec::new(),
                    });
                    rows.len() - 1
                });
            let technique = entry.technique.as_ref().map(|id| CoveredTechnique {
                id: id.clone(),
                name: table
                    .technique(id)
                    .map_or_else(String::new, |technique| technique.name.clone()),
            });
            if let (Some(row), Some(technique)) = (rows.get_mut(at), technique)
                && !row.techniques.contains(&technique)
            {
                row.techniques.push(technique);
            }
        }
    }
    rows
}

/// The ids of the tactics under which an entry stands.
fn tactics<'a>(entry: &'a Attack, named: &[&'a str], table: &'a AttackTable) -> Vec<&'a str> {
    if let Some(tactic) = &entry.tactic {
        return vec![tactic];
    }
    let technique = entry.technique.as_ref().and_then(|id| table.technique(id));
    let known: Vec<&str> = technique.map_or_else(Vec::new, |technique| {
        technique.tactics.iter().map(String::as_str).collect()
    });
    let of_rule: Vec<&str> = known
        .iter()
        .copied()
        .filter(|tactic| named.contains(tactic))
        .collect();
    match (of_rule.is_empty(), known.is_empty()) {
        (false, _) => of_rule,
        (true, false) => known,
        (true, true) => vec![""],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(tactic: &str, technique: &str) -> Attack {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Attack {
            tactic: some(tactic),
            technique: some(technique),
        }
    }

    fn rows(attack: &[Attack]) -> Vec<String> {
        coverage(attack, AttackTable::builtin())
            .iter()
            .map(|row| {
                let ids: Vec<&str> = row
                    .techniques
                    .iter()
                    .map(|technique| technique.id.as_str())
                    .collect();
                format!("{}: {}", row.tactic, ids.join(" "))
            })
            .collect()
    }

    #[test]
    fn a_technique_stands_under_its_own_tactic_or_the_rules() {
        assert_eq!(rows(&[entry("TA0007", "T1526")]), ["Discovery: T1526"]);
        assert_eq!(
            rows(&[entry("TA0004", ""), entry("", "T1078"), entry("", "T1580")]),
            ["Privilege Escalation: T1078", "Discovery: T1580"]
        );
    }

    #[test]
    fn unknown_ids_are_shown_as_they_are() {
        assert_eq!(
            rows(&[entry("TA9999", "T9999"), entry("", "T9998")]),
            ["TA9999: T9999", ": T9998"]
        );
    }
}
