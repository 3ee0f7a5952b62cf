//! A fragment to lines: on one where it fits, else broken before its words and within its brackets.

use super::{Fragment, Layout};

impl Fragment {
    /// The text in lines of at most `width` characters where it can be broken: each part of an infix on a line of its own,
    /// the word first; bracketed text indented by four. `indent` is how far the lines will stand from the margin.
    pub fn lines(&self, indent: usize, width: usize) -> Vec<String> {
        self.broken("", indent, width)
    }

    fn broken(&self, lead: &str, indent: usize, width: usize) -> Vec<String> {
        let flat = || vec![self.behind(lead)];
        if indent + lead.chars().count() + self.width <= width {
            return flat();
        }
        match &self.layout {
            Layout::Text(_) | Layout::Form { .. } | Layout::Infix { is_flat: true, .. } => flat(),
            Layout::Infix { word, parts, .. } => {
                let lines = parts.iter().enumerate().flat_map(|(at, part)| {
                    let lead = if at == 0 {
                        lead.to_owned()
                    } else {
                        format!("{word} ")
                    };
                    part.broken(&lead, indent, width)
                });
                lines.collect()
            }
            Layout::Around { open, inner, close } if close.is_empty() => {
                inner.broken(&format!("{lead}{open}"), indent, width)
            }
            Layout::Around { open, inner, close } => {
                let mut lines = vec![format!("{lead}{open}")];
                lines.extend(
                    inner
                        .broken("", indent + 4, width)
                        .into_iter()
                        .map(|line| format!("    {line}")),
                );
                lines.push(close.to_string());
                lines
            }
            Layout::List {
                head,
                open,
                items,
                close,
            } => {
                let head = head.as_ref().map(|head| head.flat()).unwrap_or_default();
                let last = items.len().saturating_sub(1);
                let items = items.iter().enumerate().map(|(at, item)| {
                    let comma = if at < last { "," } else { "" };
                    format!("    {}{comma}", item.flat())
                });
                std::iter::once(format!("{lead}{head}{open}"))
                    .chain(items)
                    .chain([close.to_string()])
                    .collect()
            }
        }
    }
}
