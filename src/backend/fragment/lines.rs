//! A fragment to lines: on one where it fits, else broken before its words, within its brackets and behind its commas.

use super::{Fragment, Layout};

/// How far what stands within something goes to the right of it.
const STEP: usize = 4;

/// How a text is broken to lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaks {
    /// The characters after which a line should end.
    pub width: usize,
    /// Whether the values of a list share lines rather than have one each.
    pub fills: bool,
}

impl Breaks {
    /// No line ends for its length.
    pub const NONE: Self = Self {
        width: usize::MAX,
        fills: true,
    };

    /// Lines of this width, on which whatever is broken has a line for each of its parts.
    pub const fn at(width: usize) -> Self {
        Self {
            width,
            fills: false,
        }
    }

    /// Lines of this width, on which as many values of a list stand as there is room for.
    pub const fn filled(width: usize) -> Self {
        Self { width, fills: true }
    }

    /// The same with less room.
    #[must_use]
    pub fn less(self, characters: usize) -> Self {
        let width = self.width.saturating_sub(characters);
        Self { width, ..self }
    }
}

/// Where lines may stand.
#[derive(Clone, Copy)]
struct Room {
    /// How far they will stand from the margin.
    indent: usize,
    breaks: Breaks,
}

impl Fragment {
    /// The text in lines that are not too long where it can be broken: each part of an infix on a line of its own, the word first;
    /// what is in brackets indented, each item on a line of its own unless they fill lines. `indent` is how far the lines will stand
    /// from the margin.
    pub fn lines(&self, indent: usize, breaks: Breaks) -> Vec<String> {
        self.broken("", "", Room { indent, breaks })
    }

    /// The lines with what leads to the fragment and what follows it.
    fn broken(&self, lead: &str, tail: &str, room: Room) -> Vec<String> {
        let around = lead.chars().count() + tail.chars().count();
        if room.indent + around + self.width <= room.breaks.width {
            return vec![self.between(lead, tail)];
        }
        match &self.layout {
            Layout::Text(_) | Layout::Infix { is_flat: true, .. } => {
                vec![self.between(lead, tail)]
            }
            Layout::Infix { word, parts, .. } => {
                let word = format!("{word} ");
                let last = parts.len().saturating_sub(1);
                let part = |(at, part): (usize, &Self)| {
                    let lead = if at == 0 { lead } else { &word };
                    part.broken(lead, if at == last { tail } else { "" }, room)
                };
                parts.iter().enumerate().flat_map(part).collect()
            }
            Layout::Form { pieces, parts } => match (&pieces[..], &parts[..]) {
                ([open, close], [inner]) => inner.wrapped([lead, open], [close, tail], room),
                _ => vec![self.between(lead, tail)],
            },
            Layout::Around { open, inner, close } if close.is_empty() => {
                inner.further(&format!("{lead}{open}"), tail, room)
            }
            Layout::Around { open, inner, close } => {
                inner.wrapped([lead, open], [close, tail], room)
            }
            Layout::List {
                head,
                open,
                items,
                close,
            } => {
                let head = head.as_ref().map(|head| head.flat()).unwrap_or_default();
                let mut lines = vec![format!("{lead}{head}{open}")];
                let fills = room.breaks.fills && self.values().is_some();
                lines.extend(room.within(|room| {
                    if fills {
                        side_by_side(items, room)
                    } else {
                        one_below_another(items, "", "", room)
                    }
                }));
                lines.push(format!("{close}{tail}"));
                lines
            }
            Layout::Row(items) => one_below_another(items, lead, tail, room),
        }
    }

    /// The lines of what stands between brackets: they are on its first and its last line, where it has brackets of its own.
    fn wrapped(&self, lead: [&str; 2], tail: [&str; 2], room: Room) -> Vec<String> {
        let (lead, tail) = (lead.concat(), tail.concat());
        if !matches!(self.layout, Layout::Infix { is_flat: false, .. }) {
            return self.broken(&lead, &tail, room);
        }
        let mut lines = vec![lead];
        lines.extend(room.within(|room| self.broken("", "", room)));
        lines.push(tail);
        lines
    }

    /// The lines of one of several things: those of an infix behind its first are told from those of what comes next.
    fn further(&self, lead: &str, tail: &str, room: Room) -> Vec<String> {
        if !matches!(self.layout, Layout::Infix { is_flat: false, .. }) {
            return self.broken(lead, tail, room);
        }
        let indent = room.indent + STEP;
        let mut lines = self.broken(lead, tail, Room { indent, ..room });
        lines.iter_mut().skip(1).for_each(deeper);
        lines
    }

    /// The text on one line, with what leads to it and what follows it.
    fn between(&self, lead: &str, tail: &str) -> String {
        let mut text = self.behind(lead);
        text.push_str(tail);
        text
    }
}

impl Room {
    /// The lines of what stands one step to the right.
    fn within(self, lines: impl FnOnce(Self) -> Vec<String>) -> Vec<String> {
        let indent = self.indent + STEP;
        let mut lines = lines(Self { indent, ..self });
        lines.iter_mut().for_each(deeper);
        lines
    }
}

fn deeper(line: &mut String) {
    line.insert_str(0, &" ".repeat(STEP));
}

/// The lines of each of the items, with commas between them.
fn one_below_another(items: &[Fragment], lead: &str, tail: &str, room: Room) -> Vec<String> {
    let last = items.len().saturating_sub(1);
    let item = |(at, item): (usize, &Fragment)| {
        let lead = if at == 0 { lead } else { "" };
        item.further(lead, if at == last { tail } else { "," }, room)
    };
    items.iter().enumerate().flat_map(item).collect()
}

/// The items with commas between them, as many on each line as it has room for.
fn side_by_side(items: &[Fragment], room: Room) -> Vec<String> {
    let width = room.breaks.width.saturating_sub(room.indent);
    let last = items.len().saturating_sub(1);
    let mut lines: Vec<String> = Vec::new();
    let mut taken = 0;
    for (at, item) in items.iter().enumerate() {
        let comma = if at == last { "" } else { "," };
        let own = item.width + comma.len();
        match lines.last_mut() {
            Some(line) if taken + 1 + own <= width => {
                line.push(' ');
                item.write(line);
                line.push_str(comma);
                taken += 1 + own;
            }
            _ => {
                lines.push(item.between("", comma));
                taken = own;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::ATOM;
    use super::*;

    fn atom(text: &str) -> Fragment {
        Fragment::atom(text)
    }

    #[test]
    fn calls_are_broken_as_deep_as_it_takes() {
        let either = Fragment::infix("or", 1, vec![atom("isnotempty(A)"), atom("isnotempty(B)")]);
        let shown = Fragment::called("strcat", &[atom("\"User \""), atom("A"), atom("\" came\"")]);
        let case = Fragment::row(vec![either, shown]);
        let cases = Fragment::called("case", &[case, atom("\"nobody\"")]);
        let list = Fragment::called("pack_array", &[cases.clone(), atom("1")]);
        let text = Fragment::called("tostring", &[list]).prefix("Name = ", 0);
        let broken = |width| format!("\n{}\n", text.lines(0, Breaks::at(width)).join("\n"));
        insta::assert_snapshot!(broken(60), @r#"
        Name = tostring(pack_array(
            case(
                isnotempty(A) or isnotempty(B),
                strcat("User ", A, " came"),
                "nobody"
            ),
            1
        ))
        "#);
        insta::assert_snapshot!(broken(30), @r#"
        Name = tostring(pack_array(
            case(
                isnotempty(A)
                    or isnotempty(B),
                strcat(
                    "User ",
                    A,
                    " came"
                ),
                "nobody"
            ),
            1
        ))
        "#);
        assert_eq!(text.lines(0, Breaks::at(200)), [text.flat()]);
    }

    #[test]
    fn a_part_of_an_infix_is_told_from_the_next_item() {
        let either = |names: &[&str]| {
            let parts = names.iter().map(|name| atom(&name.repeat(8)));
            Fragment::infix("or", 1, parts.collect())
        };
        let list = Fragment::list(
            "f(",
            vec![either(&["a", "b"]), either(&["c", "d"])],
            ")",
            ATOM,
        );
        insta::assert_snapshot!(list.lines(0, Breaks::at(20)).join("\n"), @r"
        f(
            aaaaaaaa
                or bbbbbbbb,
            cccccccc
                or dddddddd
        )
        ");
    }

    #[test]
    fn values_fill_lines_and_arguments_have_one_each() {
        let values = |count: usize| (0..count).map(|at| atom(&format!("\"{at}\"")));
        let list = atom("Name").with_items(" in (", values(12).collect(), ")", 3);
        insta::assert_snapshot!(list.lines(2, Breaks::filled(26)).join("\n"), @r#"
        Name in (
            "0", "1", "2", "3",
            "4", "5", "6", "7",
            "8", "9", "10", "11"
        )
        "#);
        let call = Fragment::called("strcat", &values(12).collect::<Vec<_>>());
        assert_eq!(call.lines(2, Breaks::filled(26)).len(), 14);
        assert_eq!(list.lines(2, Breaks::NONE), [list.flat()]);
    }
}
