//! What a rule is for each of its log sources, found out once for all targets that ask.
//!
//! Only what is asked of the very rule that they are of is answered: two rules that are equal may stand in other places of a source.

use std::sync::Mutex;

use crate::ir::{LogSource, Rule};

/// What a rule is for its log sources, as far as somebody asked.
#[derive(Debug)]
pub struct Legs<'r> {
    of: &'r Rule,
    known: Mutex<Vec<(LogSource, Option<Rule>)>>,
}

impl<'r> Legs<'r> {
    /// Those of the rule, of which nothing is known yet. They are for the targets of one context: what a rule is depends on its
    /// log sources.
    pub fn of(rule: &'r Rule) -> Self {
        Self {
            of: rule,
            known: Mutex::default(),
        }
    }

    /// What the rule is for the source, which is found out where that is not known.
    pub(super) fn get(
        &self,
        rule: &Rule,
        source: &LogSource,
        narrowed: impl FnOnce() -> Option<Rule>,
    ) -> Option<Rule> {
        if !std::ptr::eq(rule, self.of) {
            return narrowed();
        }
        if let Ok(known) = self.known.lock()
            && let Some((_, leg)) = known.iter().find(|(known, _)| known == source)
        {
            return leg.clone();
        }
        let leg = narrowed();
        if let Ok(mut known) = self.known.lock() {
            known.push((source.clone(), leg.clone()));
        }
        leg
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Metadata;

    #[test]
    fn what_is_known_of_a_rule_is_said_of_it_alone() {
        let rule = Rule::new(Metadata::default());
        let other = rule.clone();
        let legs = Legs::of(&rule);
        let source = LogSource::known("aws.cloudtrail");
        let found = || Some(rule.clone());
        assert_eq!(legs.get(&rule, &source, found), Some(rule.clone()));
        assert_eq!(legs.get(&rule, &source, || None), Some(rule.clone()));
        assert_eq!(legs.get(&other, &source, || None), None);
        let another = LogSource::known("okta.system");
        assert_eq!(legs.get(&rule, &another, || None), None);
        assert_eq!(legs.get(&rule, &another, found), None);
    }
}
