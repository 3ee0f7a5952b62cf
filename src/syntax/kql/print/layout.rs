//! Where text stands on the page: indentation, and when a list is broken into lines.
//!
//! A list is measured flat, on one line, before it is written; so every element is written at the indentation it ends up at, and
//! nothing is ever moved afterwards (strings could hold line ends).

/// Lists and conditions wider than this have one element on a line.
pub(super) const WIDTH: usize = 110;

/// Elements up to this width, such as numbers, share a line.
const SHORT: usize = 10;

/// The indentation of the current line, and whether line ends are avoided altogether.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    column: usize,
    flat: bool,
}

impl Layout {
    /// The left edge.
    pub(super) const TOP: Self = Self {
        column: 0,
        flat: false,
    };

    /// The same place, for measuring.
    pub(super) fn flat(self) -> Self {
        Self { flat: true, ..self }
    }

    /// Whether line ends are avoided.
    pub(super) fn is_flat(self) -> bool {
        self.flat
    }

    /// One step to the right.
    pub(super) fn deeper(self) -> Self {
        Self {
            column: self.column + 4,
            ..self
        }
    }

    /// A line end and the spaces of the next line.
    pub(super) fn line(self) -> String {
        format!("\n{}", " ".repeat(self.column))
    }

    /// The elements of a list, broken where they would be wide.
    pub(super) fn elements<T>(self, items: &[T], write: impl Fn(&T, Self) -> String) -> Elements {
        let all = |layout: Self| {
            items
                .iter()
                .map(|item| write(item, layout))
                .collect::<Vec<String>>()
        };
        if self.flat {
            return Elements {
                texts: all(self),
                broken: false,
            };
        }
        let flat = all(self.flat());
        let broken = flat.len() > 1 && width(&flat) > WIDTH;
        Elements {
            texts: all(if broken { self.deeper() } else { self }),
            broken,
        }
    }
}

/// The width of elements side by side.
pub(super) fn width(elements: &[String]) -> usize {
    elements
        .iter()
        .map(|element| element.chars().count() + 2)
        .sum()
}

/// The written elements of a list.
pub(super) struct Elements {
    texts: Vec<String>,
    broken: bool,
}

impl Elements {
    /// These elements, one on a line.
    pub(super) fn broken(texts: Vec<String>) -> Self {
        Self {
            texts,
            broken: true,
        }
    }

    /// Whether each stands on a line.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether any is of several lines.
    pub(super) fn has_lines(&self) -> bool {
        self.texts.iter().any(|text| text.contains('\n'))
    }

    /// Broken lines hold two elements each, as long as both fit: a question and its answer.
    pub(super) fn in_pairs(mut self) -> Self {
        if self.broken {
            let fits = |pair: &[String]| width(pair) <= WIDTH && !pair.concat().contains('\n');
            let pairs = self.texts.chunks(2).map(|pair| {
                if fits(pair) {
                    vec![pair.join(", ")]
                } else {
                    pair.to_vec()
                }
            });
            self.texts = pairs.flatten().collect();
        }
        self
    }

    /// Broken lines are filled where every element is short.
    pub(super) fn filled(mut self) -> Self {
        if !self.broken || self.texts.iter().any(|text| text.chars().count() > SHORT) {
            return self;
        }
        let mut lines: Vec<String> = Vec::new();
        for text in &self.texts {
            match lines.last_mut() {
                Some(line) if line.len() + text.len() + 2 <= WIDTH => {
                    line.push_str(", ");
                    line.push_str(text);
                }
                _ => lines.push(text.clone()),
            }
        }
        self.texts = lines;
        self
    }

    /// In brackets.
    pub(super) fn enclosed(&self, open: &str, close: &str, layout: Layout) -> String {
        let end = if self.broken {
            layout.line()
        } else {
            String::new()
        };
        format!("{open}{}{end}{close}", self.joined(layout))
    }

    /// Behind a word; below it where they are broken.
    pub(super) fn behind(&self, word: &str, layout: Layout) -> String {
        let word = word.trim_end();
        let space = if self.broken || self.texts.is_empty() {
            ""
        } else {
            " "
        };
        format!("{word}{space}{}", self.joined(layout))
    }

    fn joined(&self, layout: Layout) -> String {
        if !self.broken {
            return self.texts.join(", ");
        }
        let line = layout.deeper().line();
        format!("{line}{}", self.texts.join(&format!(",{line}")))
    }
}
