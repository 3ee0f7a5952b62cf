//! Entity mappings: their number, their types, and identifiers that are enough to name an entity. The table is data.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::super::document::plain;
use super::Checker;
use crate::diagnostic::Code;
use crate::source::TextRange;
use crate::syntax::yaml::{self, Step};

const FILE: &str = include_str!("entities.yml");

/// The most entities of a rule, and identifiers of one.
const ENTITIES: usize = 10;
const IDENTIFIERS: usize = 3;

/// What Sentinel knows of entities.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Each type.
    types: IndexMap<String, Type>,
    /// Columns that once said by their names what an alert is about.
    legacy: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Type {
    /// The identifiers that name an entity, each alone or several together.
    strong: Vec<Vec<String>>,
    /// The others.
    weak: Vec<String>,
}

impl Table {
    fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Table> = OnceLock::new();
        BUILTIN.get_or_init(|| yaml::data(FILE).unwrap_or_default())
    }
}

impl Type {
    fn identifiers(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for name in self.strong.iter().flatten().chain(&self.weak) {
            if !all.contains(&name.as_str()) {
                all.push(name);
            }
        }
        all
    }
}

impl Checker<'_, '_> {
    /// Every mapping.
    pub(super) fn entities(&mut self) {
        self.legacy();
        let key = Step::Key("sentinelEntitiesMappings");
        let listed = self
            .get("sentinelEntitiesMappings")
            .and_then(Value::as_array);
        for (at, mapping) in listed.into_iter().flatten().enumerate() {
            let path = [key, Step::Item(at), Step::Key("columnName")];
            self.column(mapping.get("columnName"), &path);
        }
        let Some(mappings) = self.get("entityMappings").and_then(Value::as_array) else {
            return;
        };
        let path = [Step::Key("entityMappings")];
        self.count(
            mappings.len(),
            ENTITIES,
            "`entityMappings`",
            "entities",
            &path,
        );
        for (at, mapping) in mappings.iter().enumerate() {
            self.entity(mapping, at);
        }
    }

    fn count(&mut self, found: usize, most: usize, what: &str, of: &str, path: &[Step<'_>]) {
        if found == 0 || found > most {
            let message = format!("{what} has 1 to {most} {of}, and this {found}");
            self.fail(Code::SentinelEntityCount, path, message);
        }
    }

    fn entity(&mut self, mapping: &Value, at: usize) {
        let here = [Step::Key("entityMappings"), Step::Item(at)];
        let name = mapping.get("entityType").map(plain).unwrap_or_default();
        let known = Table::builtin().types.get(&name);
        if known.is_none() {
            let path = [here[0], here[1], Step::Key("entityType")];
            let types: Vec<&str> = Table::builtin().types.keys().map(String::as_str).collect();
            let message = if name.is_empty() {
                "a mapping requires an `entityType`".to_owned()
            } else {
                format!("`{name}` is not a type of entities")
            };
            let help = match types.iter().find(|known| known.eq_ignore_ascii_case(&name)) {
                Some(known) => format!("write `{known}`"),
                None => format!("the types are {}", types.join(", ")),
            };
            self.fail_with(Code::SentinelEntityType, &path, message, help);
        }
        let fields = mapping.get("fieldMappings").and_then(Value::as_array);
        let fields = fields.map(Vec::as_slice).unwrap_or_default();
        let below = [here[0], here[1], Step::Key("fieldMappings")];
        self.count(
            fields.len(),
            IDENTIFIERS,
            "an entity",
            "identifiers",
            &below,
        );
        let mut used: Vec<String> = Vec::new();
        for (inner, field) in fields.iter().enumerate() {
            let identifier = field.get("identifier").map(plain).unwrap_or_default();
            let path = |key| {
                [
                    here[0],
                    here[1],
                    below[2],
                    Step::Item(inner),
                    Step::Key(key),
                ]
            };
            self.column(field.get("columnName"), &path("columnName"));
            if used.contains(&identifier) {
                let message = format!("`{identifier}` is mapped twice in one entity");
                self.fail(Code::SentinelIdentifierTwice, &path("identifier"), message);
            }
            if let Some(known) = known {
                self.identifier(&name, known, &identifier, &path("identifier"));
            }
            used.push(identifier);
        }
        if let Some(known) = known.filter(|_| !fields.is_empty()) {
            self.identified(&name, known, &used, &here);
        }
    }

    fn identifier(&mut self, entity: &str, known: &Type, identifier: &str, path: &[Step<'_>]) {
        let all = known.identifiers();
        if !all.contains(&identifier) {
            let message = format!("the entity type {entity} has no identifier `{identifier}`");
            let help = match all
                .iter()
                .find(|name| name.eq_ignore_ascii_case(identifier))
            {
                Some(name) => format!("write `{name}`"),
                None => format!("it has {}", all.join(", ")),
            };
            self.fail_with(Code::SentinelIdentifier, path, message, help);
        }
    }

    fn identified(&mut self, entity: &str, known: &Type, used: &[String], here: &[Step<'_>; 2]) {
        let named = |set: &Vec<String>| set.iter().all(|name| used.contains(name));
        if !known.strong.iter().any(named) {
            let sets: Vec<String> = known.strong.iter().map(|set| set.join(" with ")).collect();
            let message =
                format!("the identifiers are not enough to name an entity of type {entity}");
            let help = format!("map {}", sets.join(", or "));
            let path = [here[0], here[1], Step::Key("fieldMappings")];
            self.fail_with(Code::SentinelIdentifierRequired, &path, message, help);
        }
    }

    /// Columns of the query that look like mappings, and are none.
    fn legacy(&mut self) {
        let Some(query) = self.get("query").and_then(Value::as_str) else {
            return;
        };
        let mappings = self.get("entityMappings").and_then(Value::as_array);
        let fields = mappings
            .into_iter()
            .flatten()
            .filter_map(|mapping| mapping.get("fieldMappings")?.as_array());
        let mapped: Vec<&str> = fields
            .flatten()
            .filter_map(|field| field.get("columnName")?.as_str())
            .collect();
        for name in &Table::builtin().legacy {
            let Some(at) = query
                .find(name)
                .filter(|_| !mapped.contains(&name.as_str()))
            else {
                continue;
            };
            let message = format!("`{name}` is no entity without an entry in `entityMappings`");
            let span = self.part(&[Step::Key("query")], TextRange::new(at, at + name.len()));
            self.push(
                Code::SentinelLegacyEntity,
                crate::diagnostic::Severity::Error,
                span,
                message,
                None,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table: Table = yaml::data(FILE).unwrap();
        assert_eq!(table.types.len(), 19);
        assert!(table.types.values().all(|kind| !kind.strong.is_empty()));
    }
}
