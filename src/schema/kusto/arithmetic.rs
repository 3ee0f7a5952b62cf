//! The types of arithmetic: `arithmetic.txt` to a table by operator, left type and right type.

use crate::syntax::kql::ast::{BinaryOperator, ScalarType};

/// What an operation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the operator takes these operands.
    pub allowed: bool,
    /// The result's type; `None` where it is not known.
    pub kind: Option<ScalarType>,
}

const OPERATORS: [BinaryOperator; 5] = [
    BinaryOperator::Add,
    BinaryOperator::Subtract,
    BinaryOperator::Multiply,
    BinaryOperator::Divide,
    BinaryOperator::Modulo,
];

/// The letters of the types, in the order of the rows and columns.
const LETTERS: &str = "bdmygilrst?";

/// How arithmetic combines types.
#[derive(Debug)]
pub struct Arithmetic {
    cells: Vec<Outcome>,
}

impl Arithmetic {
    pub(super) fn read(text: &'static str) -> Self {
        let rows = super::lines(text).filter(|line| {
            line.chars()
                .next()
                .is_some_and(|first| LETTERS.contains(first))
        });
        let cells = rows.flat_map(|row| row.split_whitespace().skip(1).map(cell));
        Self {
            cells: cells.collect(),
        }
    }

    /// What the operator comes to for these types; `None` stands for a type that is not known.
    pub fn outcome(
        &self,
        operator: BinaryOperator,
        left: Option<ScalarType>,
        right: Option<ScalarType>,
    ) -> Option<Outcome> {
        let table = OPERATORS.iter().position(|known| *known == operator)?;
        let size = LETTERS.len();
        self.cells
            .get((table * size + index(left)) * size + index(right))
            .copied()
    }
}

fn cell(text: &'static str) -> Outcome {
    let letter = text.trim_start_matches('!').chars().next();
    let kind = match letter {
        Some('b') => Some(ScalarType::Bool),
        Some('d') => Some(ScalarType::Datetime),
        Some('m') => Some(ScalarType::Decimal),
        Some('y') => Some(ScalarType::Dynamic),
        Some('g') => Some(ScalarType::Guid),
        Some('i') => Some(ScalarType::Int),
        Some('l') => Some(ScalarType::Long),
        Some('r') => Some(ScalarType::Real),
        Some('s') => Some(ScalarType::String),
        Some('t') => Some(ScalarType::Timespan),
        _ => None,
    };
    Outcome {
        allowed: !text.starts_with('!'),
        kind,
    }
}

fn index(kind: Option<ScalarType>) -> usize {
    match kind {
        Some(ScalarType::Bool) => 0,
        Some(ScalarType::Datetime) => 1,
        Some(ScalarType::Decimal) => 2,
        Some(ScalarType::Dynamic) => 3,
        Some(ScalarType::Guid) => 4,
        Some(ScalarType::Int) => 5,
        Some(ScalarType::Long) => 6,
        Some(ScalarType::Real) => 7,
        Some(ScalarType::String) => 8,
        Some(ScalarType::Timespan) => 9,
        None => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ARITHMETIC;
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = Arithmetic::read(ARITHMETIC);
        assert_eq!(
            table.cells.len(),
            OPERATORS.len() * LETTERS.len() * LETTERS.len()
        );
        let outcome =
            |operator, left, right| table.outcome(operator, Some(left), Some(right)).unwrap();
        let age = outcome(
            BinaryOperator::Subtract,
            ScalarType::Datetime,
            ScalarType::Datetime,
        );
        assert_eq!((age.allowed, age.kind), (true, Some(ScalarType::Timespan)));
        assert!(!outcome(BinaryOperator::Add, ScalarType::String, ScalarType::String).allowed);
        assert_eq!(table.outcome(BinaryOperator::Has, None, None), None);
    }
}
