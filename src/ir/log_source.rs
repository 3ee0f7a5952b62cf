//! Where the events of a rule come from.

use std::fmt::{self, Display, Formatter};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the events come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogSource {
    /// A log source of the crosswalk, for example `aws.cloudtrail`.
    Known(SourceName),
    /// No events, but the recorded state of things: their type, under the name it has in the rule's own format.
    Resource {
        /// The format whose name it is.
        format: String,
        /// The name, for example a Panther resource type.
        name: String,
    },
    /// A source that the crosswalk does not know, under the name it has in the rule's own format.
    Unknown {
        /// The format whose name it is.
        format: String,
        /// The name: a Panther log type, a Sentinel table, a Sigma log source as `product/category/service`.
        name: String,
    },
}

impl LogSource {
    /// The log source of the crosswalk with this id.
    pub fn known(id: impl Into<String>) -> Self {
        Self::Known(SourceName {
            id: id.into(),
            table: None,
            columns: Vec::new(),
        })
    }
}

/// The name of a log source of the crosswalk. Its text, and what is serialized, is `azure.activity` or, with the table,
/// `azure.activity StorageBlobLogs`, and with columns `azure.activity with Claims, Properties`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
pub struct SourceName {
    /// The id.
    pub id: String,
    /// Of several tables that hold the source's events, the one that the rule is about; nothing where it is about the preferred
    /// one, or names none.
    pub table: Option<String>,
    /// Of fields that the table holds in several columns alike, the columns that the rule reads, in order; nothing where these
    /// are the preferred ones.
    pub columns: Vec<String>,
}

/// What stands before the columns.
const WITH: &str = " with ";

impl Display for SourceName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        if let Some(table) = &self.table {
            write!(f, " {table}")?;
        }
        if self.columns.is_empty() {
            return Ok(());
        }
        write!(f, "{WITH}{}", self.columns.join(", "))
    }
}

impl From<String> for SourceName {
    fn from(text: String) -> Self {
        let (name, columns) = text.split_once(WITH).unwrap_or((&text, ""));
        let (id, table) = match name.split_once(' ') {
            Some((id, table)) => (id, Some(table.to_owned())),
            None => (name, None),
        };
        let columns = columns.split(", ").filter(|column| !column.is_empty());
        Self {
            id: id.to_owned(),
            table,
            columns: columns.map(str::to_owned).collect(),
        }
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_text() {
        let plain = LogSource::known("azure.activity");
        let json = serde_json::to_string(&plain).unwrap();
        assert_eq!(json, r#"{"known":"azure.activity"}"#);
        for name in [
            "azure.activity StorageBlobLogs",
            "azure.activity with Claims, Properties",
            "azure.activity AzureActivity with Claims",
        ] {
            let text = format!(r#"{{"known":"{name}"}}"#);
            let source: LogSource = serde_json::from_str(&text).unwrap();
            assert_eq!(source.to_string(), name);
            assert_eq!(serde_json::to_string(&source).unwrap(), text);
        }
    }
}
