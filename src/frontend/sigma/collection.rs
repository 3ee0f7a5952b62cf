//! The collections of Sigma 1: documents with an `action` to whole rules.
//!
//! A `global` document holds what every following rule has, over what the rule says itself; `reset` ends that; `repeat` is the
//! rule before it with other values. Maps are joined key by key, anything else is replaced. Correlations and filters stand
//! outside of it. Refused: other actions.

use serde_json::{Map, Value};

use super::document::Read;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::syntax::yaml::Step;

/// The documents as rules, correlations and filters that are whole.
pub(super) fn whole<'s>(reads: Vec<Read<'s>>, diagnostics: &mut Diagnostics) -> Vec<Read<'s>> {
    if !reads.iter().any(|read| read.content.contains_key("action")) {
        return reads;
    }
    let mut global = Map::new();
    let mut before = Map::new();
    let mut whole = Vec::new();
    for mut read in reads {
        let Some(action) = read.content.shift_remove("action") else {
            if !apart(&read.content) {
                update(&mut read.content, &global);
                before.clone_from(&read.content);
            }
            whole.push(read);
            continue;
        };
        match action.as_str() {
            Some("global") => {
                before.clone_from(&read.content);
                global = read.content;
            }
            Some("reset") => global.clear(),
            Some("repeat") => {
                update(&mut before, &read.content);
                read.content.clone_from(&before);
                whole.push(read);
            }
            _ => {
                let message = format!("{action} is not an action of a collection");
                let help = "the actions are `global`, `reset` and `repeat`";
                let error = Diagnostic::error(Code::YamlShape, message).help(help);
                diagnostics.push(error.at(read.document.span(&[Step::Key("action")])));
            }
        }
    }
    whole
}

/// Whether the document is no rule, and takes nothing from a `global` one.
fn apart(content: &Map<String, Value>) -> bool {
    ["correlation", "filter"]
        .iter()
        .any(|key| content.contains_key(*key))
}

fn update(content: &mut Map<String, Value>, by: &Map<String, Value>) {
    for (key, value) in by {
        match (content.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => update(old, new),
            (_, value) => {
                content.insert(key.clone(), value.clone());
            }
        }
    }
}
