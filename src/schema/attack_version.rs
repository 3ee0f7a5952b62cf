//! ATT&CK references from whatever version they were written in to one that is asked for.
//!
//! An id that the version has not is followed to the one that took its place, or back to the one whose place it took; of several
//! such the one of the same name, else the first. A tactic that its technique does not belong to there becomes one that it does:
//! a tactic of the rule where there is one, else the technique's first. What has no counterpart is kept as it is. Every change is
//! said, once. A pair that is in neither version stays as its author wrote it.

use super::AttackTable;
use super::attack::Technique;
use crate::ir::{Attack, AttackVersion};

/// References in a version, and what was changed, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InVersion {
    /// The references.
    pub attack: Vec<Attack>,
    /// The changes.
    pub changes: Vec<String>,
}

/// The references as the version has them.
pub fn in_version(attack: &[Attack], version: AttackVersion) -> InVersion {
    let table = AttackTable::of(Some(version));
    let mut result = InVersion::default();
    let named: Vec<&str> = attack
        .iter()
        .filter_map(|entry| entry.tactic.as_deref())
        .collect();
    for entry in attack {
        let technique = entry
            .technique
            .as_deref()
            .map(|id| result.technique(id, table));
        let known = technique.as_deref().and_then(|id| table.technique(id));
        let tactic = entry.tactic.as_deref().map(|id| match known {
            Some(known) if !known.tactics.is_empty() => {
                if table.tactic(id).is_some() && !belonged(id, entry, version) {
                    // An author who put a technique under a tactic of their own keeps it there.
                    id.to_owned()
                } else {
                    result.tactic(id, known, &named, table)
                }
            }
            _ => result.tactic_alone(id, table),
        });
        let entry = Attack { tactic, technique };
        if !result.attack.contains(&entry) {
            result.attack.push(entry);
        }
    }
    result
}

/// Whether the reference's technique belongs to the tactic in the other version.
fn belonged(tactic: &str, entry: &Attack, version: AttackVersion) -> bool {
    let other = match version {
        AttackVersion::V18 => AttackVersion::V19,
        AttackVersion::V19 => AttackVersion::V18,
    };
    let technique = entry.technique.as_deref().unwrap_or_default();
    let known = AttackTable::of(Some(other)).technique(&technique_in(technique, other));
    known.is_some_and(|known| known.tactics.iter().any(|id| id == tactic))
}

/// The id of a technique in the table's version.
pub fn technique_in(id: &str, version: AttackVersion) -> String {
    InVersion::default().technique(id, AttackTable::of(Some(version)))
}

impl InVersion {
    fn say(&mut self, change: String) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    fn technique(&mut self, id: &str, table: &AttackTable) -> String {
        let found = successor(id, table).or_else(|| predecessor(id, table));
        let Some(found) = found else {
            let newest = AttackTable::builtin().technique(id);
            if newest.is_some_and(|known| known.revoked_by.is_none()) {
                let version = &table.version;
                self.say(format!(
                    "`{id}` has no counterpart in ATT&CK {version}, and is kept"
                ));
            }
            return id.to_owned();
        };
        if found != id {
            let version = &table.version;
            self.say(format!("`{id}` is `{found}` in ATT&CK {version}"));
        }
        found
    }

    fn tactic(
        &mut self,
        id: &str,
        technique: &Technique,
        named: &[&str],
        table: &AttackTable,
    ) -> String {
        let own = &technique.tactics;
        if own.iter().any(|tactic| tactic == id) {
            return id.to_owned();
        }
        let of_rule = own.iter().find(|tactic| named.contains(&tactic.as_str()));
        let Some(found) = of_rule.or(own.first()) else {
            return id.to_owned();
        };
        let (name, version) = (&technique.name, &table.version);
        self.say(format!(
            "`{id}` becomes `{found}`, to which {name} belongs in ATT&CK {version}"
        ));
        found.clone()
    }

    /// A tactic that stands for itself: one that the version has not was a part of Defense Evasion.
    fn tactic_alone(&mut self, id: &str, table: &AttackTable) -> String {
        if table.tactic(id).is_some() {
            return id.to_owned();
        }
        let newest = AttackTable::builtin().tactic(id);
        let earlier = newest.and_then(|tactic| table.tactic_named(&tactic.sentinel));
        let Some(earlier) = earlier else {
            return id.to_owned();
        };
        let version = &table.version;
        self.say(format!("`{id}` is `{}` in ATT&CK {version}", earlier.id));
        earlier.id.clone()
    }
}

/// How often one technique after the other may have been replaced.
const LONGEST: usize = 16;

/// The technique itself where it is in use, else the one that took its place.
fn successor(id: &str, table: &AttackTable) -> Option<String> {
    let mut id = id;
    // A longer chain is a cycle.
    for _ in 0..LONGEST {
        let known = table.technique(id)?;
        if !known.tactics.is_empty() {
            return Some(id.to_owned());
        }
        id = known.revoked_by.as_deref()?;
    }
    None
}

/// The technique of this version whose place the newer one took: the one of its name, else the first; of a sub-technique without
/// one, that of the technique above it.
fn predecessor(id: &str, table: &AttackTable) -> Option<String> {
    let newest = AttackTable::builtin();
    let name = &newest.technique(id)?.name;
    let replaced = newest.techniques().filter_map(|(old, known)| {
        let is_replaced = known.revoked_by.as_deref() == Some(id);
        let earlier = table.technique(old).filter(|_| is_replaced)?;
        (!earlier.tactics.is_empty()).then_some((old, earlier))
    });
    let replaced: Vec<_> = replaced.collect();
    let same = replaced.iter().find(|(_, earlier)| earlier.name == *name);
    if let Some((old, _)) = same.or(replaced.first()) {
        return Some((*old).to_owned());
    }
    let (whole, _) = id.split_once('.')?;
    successor(whole, table).or_else(|| predecessor(whole, table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(pairs: &[&str], version: AttackVersion) -> (Vec<String>, usize) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let attack: Vec<Attack> = pairs
            .iter()
            .map(|pair| {
                let (tactic, technique) = pair.split_once(':').unwrap();
                Attack {
                    tactic: some(tactic),
                    technique: some(technique),
                }
            })
            .collect();
        let moved = in_version(&attack, version);
        let shown = moved.attack.iter().map(|one| {
            let part = |id: &Option<String>| id.clone().unwrap_or_default();
            format!("{}:{}", part(&one.tactic), part(&one.technique))
        });
        (shown.collect(), moved.changes.len())
    }

    #[test]
    fn revoked_ids_and_tactics_follow_to_the_newer_version() {
        let (attack, changes) = moved(
            &[
                "TA0005:T1562.008",
                "TA0005:T1562",
                "TA0005:",
                ":T1070.001",
                "TA0001:T1078",
            ],
            AttackVersion::V19,
        );
        assert_eq!(
            attack,
            [
                "TA0112:T1685.002",
                "TA0112:T1685",
                "TA0005:",
                ":T1685.005",
                "TA0001:T1078"
            ]
        );
        assert_eq!(changes, 5);
    }

    #[test]
    fn an_authors_own_pair_stays() {
        let (attack, changes) = moved(&["TA0007:T1078", "TA0005:T1685"], AttackVersion::V19);
        assert_eq!(attack, ["TA0007:T1078", "TA0112:T1685"]);
        assert_eq!(changes, 1);
    }

    #[test]
    fn the_older_version_has_what_the_newer_replaced() {
        let (attack, changes) = moved(
            &[
                "TA0112:T1685",
                "TA0112:",
                "TA0042:T1683",
                "TA0005:T1684.001",
                "TA0004:T1574",
            ],
            AttackVersion::V18,
        );
        assert_eq!(
            attack,
            [
                "TA0005:T1562.001",
                "TA0005:",
                "TA0042:T1683",
                "TA0005:T1656",
                "TA0004:T1574"
            ]
        );
        assert_eq!(changes, 5);
    }

    #[test]
    fn there_and_back_nothing_is_lost_where_the_names_agree() {
        for (id, technique) in AttackTable::of(Some(AttackVersion::V18)).techniques() {
            if technique.tactics.is_empty() {
                continue;
            }
            let newer = technique_in(id, AttackVersion::V19);
            let older = technique_in(&newer, AttackVersion::V18);
            assert!(older == id || newer != id, "{id} {newer} {older}");
            let table = AttackTable::builtin();
            assert!(
                table
                    .technique(&newer)
                    .is_some_and(|known| !known.tactics.is_empty())
            );
        }
    }
}
