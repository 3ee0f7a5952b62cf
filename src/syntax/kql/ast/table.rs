//! Tables written in the query: `datatable` and `externaldata`, and the columns they and other operators declare.

use super::{Expression, Name, NodeRange, OperatorParameter, ScalarType};

/// `name: type`.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Where it stands.
    pub range: NodeRange,
    /// The name.
    pub name: Name,
    /// The type.
    pub kind: ScalarType,
}

/// `datatable (columns) [values]`.
#[derive(Clone, Debug, PartialEq)]
pub struct DataTable {
    /// The columns.
    pub columns: Vec<Column>,
    /// The values, row after row; each is a literal, or a signed number.
    pub values: Vec<Expression>,
}

/// `externaldata (columns) [addresses] with (properties)`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalData {
    /// The columns.
    pub columns: Vec<Column>,
    /// Where the data is; usually strings.
    pub addresses: Vec<Expression>,
    /// The format and how to read it.
    pub properties: Vec<OperatorParameter>,
}
