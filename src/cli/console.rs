//! Standard output and standard error, as writers that tests can replace.
//!
//! Output is buffered and flushed before anything goes to standard error, so that the two read in order on a terminal. Failures
//! of standard output are the caller's, those of standard error are nobody's.

use std::io::{self, BufWriter, IsTerminal, Write};

use crate::diagnostic::render::{Colour, render, render_one};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Also in a pipe
    Always,
    /// Not at all
    Never,
}

/// Where a command writes.
pub(super) struct Console<'w> {
    out: Box<dyn Write + 'w>,
    err: Box<dyn Write + 'w>,
    colour: Colour,
    /// Whether colour was asked for wherever output goes.
    asked: bool,
    /// Whether somebody watches standard error.
    pub(super) watched: bool,
    /// Whether output goes to a terminal, too.
    pub(super) shown: bool,
}

impl Console<'_> {
    /// The streams of this process.
    pub(super) fn standard(choice: ColourChoice) -> Self {
        let watched = io::stderr().is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = match choice {
            ColourChoice::Always => Colour::Always,
            ColourChoice::Auto if watched && !plain => Colour::Always,
            ColourChoice::Auto | ColourChoice::Never => Colour::Never,
        };
        Self {
            out: Box::new(BufWriter::new(io::stdout().lock())),
            err: Box::new(io::stderr()),
            colour,
            asked: choice == ColourChoice::Always,
            watched,
            shown: io::stdout().is_terminal(),
        }
    }

    /// Writes to standard output.
    pub(super) fn print(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes out what is buffered.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Writes to standard error, after everything that was printed.
    pub(super) fn report(&mut self, text: &str) -> io::Result<()> {
        self.flush()?;
        // Standard error may be closed; that is no reason to lose the output.
        let _ = self.err.write_all(text.as_bytes());
        Ok(())
    }

    /// Writes a text and the messages about it with their excerpts to standard error, at once.
    pub(super) fn report_with(
        &mut self,
        mut text: String,
        diagnostics: &Diagnostics,
        sources: &Sources,
    ) -> io::Result<()> {
        if !diagnostics.is_empty() {
            text.push_str(&render(diagnostics, sources, self.colour));
        }
        self.report(&text)
    }

    /// Writes messages with their excerpts to standard error.
    pub(super) fn diagnose(
        &mut self,
        diagnostics: &Diagnostics,
        sources: &Sources,
    ) -> io::Result<()> {
        if diagnostics.is_empty() {
            return Ok(());
        }
        self.report(&render(diagnostics, sources, self.colour))
    }

    /// Writes messages with their excerpts to standard output, where they are what was asked for.
    pub(super) fn answer(
        &mut self,
        diagnostics: &Diagnostics,
        sources: &Sources,
    ) -> io::Result<()> {
        self.print(&render(diagnostics, sources, self.colour()))
    }

    /// Whether to colour what goes to standard output: only where that is a terminal, or colour was asked for.
    pub(super) fn colour(&self) -> Colour {
        if self.shown || self.asked {
            self.colour
        } else {
            Colour::Never
        }
    }

    /// Writes one message without a place, where standard output may be gone.
    pub(super) fn complain_of(&mut self, diagnostic: &Diagnostic) {
        let text = render_one(diagnostic, &Sources::new(), self.colour);
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Writes a line, where not even the code table fits.
    pub(super) fn complain(&mut self, message: &str) {
        let _ = writeln!(self.err, "error: {message}");
    }
}

#[cfg(test)]
impl<'w> Console<'w> {
    /// Other writers, without colour.
    pub(super) fn to(out: &'w mut Vec<u8>, err: &'w mut Vec<u8>) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            colour: Colour::Never,
            asked: false,
            watched: false,
            shown: false,
        }
    }
}
