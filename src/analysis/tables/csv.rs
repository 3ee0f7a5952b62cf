//! Sections as CSV (RFC 4180, lines end in CRLF). A cell that a spreadsheet would take for a formula gets a leading `'`.
//!
//! One table has its own columns after the rule's id; several values of one cell stand on lines of their own inside it. All
//! tables together have the same four columns, one line per cell: rule, table, row, column, value.

use super::{Body, Cell, Section, Table, Tables};

/// The CSV of one table of several rules.
pub fn render_table(rules: &[Tables], table: Table) -> String {
    let mut text = String::new();
    for tables in rules {
        let Some(section) = tables
            .sections()
            .into_iter()
            .find(|section| section.table == table)
        else {
            continue;
        };
        let (columns, rows) = cells(&section);
        if text.is_empty() {
            push_line(
                &mut text,
                std::iter::once("Rule").chain(columns.iter().copied()),
            );
        }
        for row in rows {
            let id = std::iter::once(tables.id.as_str());
            push_line(&mut text, id.chain(row.iter().map(String::as_str)));
        }
    }
    text
}

/// The CSV of all tables of several rules, one line per cell; only the given tables where any are given.
pub fn render(rules: &[Tables], only: &[Table]) -> String {
    let mut text = String::new();
    push_line(&mut text, ["Rule", "Table", "Row", "Column", "Value"]);
    for tables in rules {
        for section in tables.sections() {
            if !only.is_empty() && !only.contains(&section.table) {
                continue;
            }
            let (columns, rows) = cells(&section);
            for (at, row) in rows.iter().enumerate() {
                let number = (at + 1).to_string();
                for (column, value) in columns.iter().zip(row) {
                    push_line(
                        &mut text,
                        [&tables.id, section.table.name(), &number, column, value],
                    );
                }
            }
        }
    }
    text
}

fn cells(section: &Section) -> (Vec<&'static str>, Vec<Vec<String>>) {
    match &section.body {
        Body::Grid { columns, rows } => {
            let rows = rows.iter().map(|row| row.iter().map(plain).collect());
            (columns.clone(), rows.collect())
        }
        Body::Blocks(blocks) => {
            let rows = blocks
                .iter()
                .map(|(heading, text)| vec![heading.clone(), text.clone()]);
            (vec!["Stage", "Text"], rows.collect())
        }
        Body::Lines(lines) => (
            vec!["Predicate"],
            lines.iter().map(|line| vec![line.clone()]).collect(),
        ),
    }
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Words(words) => words.clone(),
        Cell::Values(values) => values.join("\n"),
    }
}

fn push_line<'a>(text: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&quoted(cell));
    }
    text.push_str("\r\n");
}

fn quoted(cell: &str) -> String {
    let guarded = if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if guarded.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tables::tables;
    use crate::ir::{Literal, Metadata, Object, Operator, Predicate, Rule, Term};
    use crate::schema::AttackTable;

    fn one() -> Tables {
        let mut rule = Rule::new(Metadata {
            id: "R.1".to_owned(),
            ..Metadata::default()
        });
        let values = ["=1+1", "a \"b\", c"].map(Literal::text).to_vec();
        rule.selection =
            Predicate::new(Term::field(["f"]), Operator::In, Object::List(values)).into();
        tables(&rule, AttackTable::builtin())
    }

    #[test]
    fn cells_are_quoted_and_formulas_neutralised() {
        assert_eq!(
            render_table(&[one()], Table::Indicators),
            "Rule,Field,Kind,Values\r\nR.1,f,in,\"'=1+1\na \"\"b\"\", c\"\r\n"
        );
        assert!(render(&[one()], &[]).contains("R.1,indicators,1,Kind,in\r\n"));
        assert_eq!(quoted("@SUM(A1)"), "'@SUM(A1)");
    }

    #[test]
    fn a_table_that_no_rule_has_is_empty() {
        assert_eq!(render_table(&[one()], Table::Entities), "");
    }
}
