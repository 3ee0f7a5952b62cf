//! Where the events of a rule come from.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// Where the events come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        })
    }
}

/// The name of a log source of the crosswalk. Its text, and what is serialized, is `azure.activity` or, with the table,
/// `azure.activity StorageBlobLogs`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SourceName {
    /// The id.
    pub id: String,
    /// Of several tables that hold the source's events, the one that the rule is about; nothing where it is about the preferred
    /// one, or names none.
    pub table: Option<String>,
}

impl Display for SourceName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        match &self.table {
            Some(table) => write!(f, " {table}"),
            None => Ok(()),
        }
    }
}

impl From<String> for SourceName {
    fn from(text: String) -> Self {
        match text.split_once(' ') {
            Some((id, table)) => Self {
                id: id.to_owned(),
                table: Some(table.to_owned()),
            },
            None => Self {
                id: text,
                table: None,
            },
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
        let text = r#"{"known":"azure.activity StorageBlobLogs"}"#;
        let source: LogSource = serde_json::from_str(text).unwrap();
        assert_eq!(source.to_string(), "azure.activity StorageBlobLogs");
        assert_eq!(serde_json::to_string(&source).unwrap(), text);
    }
}
