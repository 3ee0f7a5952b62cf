//! A file of events to JSON objects, a batch at a time: one object on a line, or one list of objects.
//!
//! Invariant: events come in the order of the file, each with its number from 1. What is not an object is a diagnostic with its
//! place. Lines are read as they come, so that a log may be larger than memory; a list is read whole.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::input::reason;
use crate::diagnostic::{Code, Diagnostic};

/// Events of one batch.
const BATCH: usize = 2_000;

/// The longest line that is read as an event.
const LONGEST: u64 = 64 << 20;

/// An event with its number, or what is wrong with it.
pub(super) type Numbered = (usize, Result<Value, Diagnostic>);

/// A file of events, read from the front.
pub(super) struct Events {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    /// The lines that were read, blank ones included.
    lines: usize,
    /// The events that were handed out.
    handed: usize,
    /// The events of a list.
    list: Option<std::vec::IntoIter<Value>>,
}

impl Events {
    /// Opens the file; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Diagnostic> {
        let unreadable = |error: &io::Error| {
            let message = format!("`{}` cannot be read: {}", path.display(), reason(error));
            Diagnostic::error(Code::UnreadableFile, message)
        };
        let reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(
                File::open(path).map_err(|error| unreadable(&error))?,
            ))
        };
        let mut events = Self {
            path: path.to_owned(),
            reader,
            lines: 0,
            handed: 0,
            list: None,
        };
        if events.starts_list().map_err(|error| unreadable(&error))? {
            events.read_list()?;
        }
        Ok(events)
    }

    /// Whether the first character that is not white space opens a list.
    fn starts_list(&mut self) -> io::Result<bool> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let blank = buffer
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            if blank < buffer.len() || buffer.is_empty() {
                return Ok(buffer.get(blank) == Some(&b'['));
            }
            self.lines += buffer[..blank].split(|byte| *byte == b'\n').count() - 1;
            self.reader.consume(blank);
        }
    }

    fn read_list(&mut self) -> Result<(), Diagnostic> {
        let list: Vec<Value> = serde_json::from_reader(&mut self.reader).map_err(|error| {
            let line = self.lines + error.line();
            let place = format!("{}:{line}:{}", self.path.display(), error.column());
            unread(&place, &error)
        })?;
        self.list = Some(list.into_iter());
        Ok(())
    }

    /// The next events; none at the end.
    pub(super) fn batch(&mut self) -> Result<Vec<Numbered>, Diagnostic> {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let next = match &mut self.list {
                Some(list) => list.next().map(|value| {
                    let place = format!("event {} of `{}`", self.handed + 1, self.path.display());
                    object(value, &place)
                }),
                None => self.line()?,
            };
            let Some(event) = next else { break };
            self.handed += 1;
            batch.push((self.handed, event));
        }
        Ok(batch)
    }

    /// The event of the next line that is not blank.
    fn line(&mut self) -> Result<Option<Result<Value, Diagnostic>>, Diagnostic> {
        loop {
            let mut line = Vec::new();
            let read = io::Read::take(&mut self.reader, LONGEST).read_until(b'\n', &mut line);
            let read = read.map_err(|error| {
                let message = format!(
                    "`{}` cannot be read: {}",
                    self.path.display(),
                    reason(&error)
                );
                Diagnostic::error(Code::UnreadableFile, message)
            })?;
            if read == 0 {
                return Ok(None);
            }
            self.lines += 1;
            let place = format!("{}:{}", self.path.display(), self.lines);
            if read as u64 == LONGEST {
                let message = format!("{place}: the line is longer than {LONGEST} bytes");
                return Err(Diagnostic::error(Code::EventUnreadable, message));
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return Ok(Some(match serde_json::from_slice(&line) {
                Ok(value) => object(value, &place),
                Err(error) => Err(unread(&format!("{place}:{}", error.column()), &error)),
            }));
        }
    }
}

fn object(value: Value, place: &str) -> Result<Value, Diagnostic> {
    if value.is_object() {
        return Ok(value);
    }
    let message = format!("{place}: an event must be a JSON object");
    Err(Diagnostic::error(Code::EventUnreadable, message))
}

fn unread(place: &str, error: &serde_json::Error) -> Diagnostic {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    let message = format!("{place}: this is not JSON: {reason}");
    let help = "events are JSON objects, one on a line, or one list of them";
    Diagnostic::error(Code::EventUnreadable, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Numbered>, Diagnostic> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Events::open(file.path())?.batch()
    }

    #[test]
    fn lines_and_lists_are_events() {
        let events = read("\n{\"a\": 1}\n\n{\"a\": 2}").unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!(events[1].0, 2);
        assert_eq!(events[1].1.as_ref().unwrap()["a"], 2);
        assert_eq!(read(" \n [{}, {}]\n").unwrap().len(), 2);
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_event_is_named_with_its_place() {
        let events = read("{}\n[1]\n{\"a\"\n{}").unwrap();
        assert_eq!(events.len(), 4);
        let message = |at: usize| events[at].1.as_ref().unwrap_err().message.clone();
        assert!(
            message(1).contains(":2: an event must be"),
            "{}",
            message(1)
        );
        assert!(message(2).contains(":3:"), "{}", message(2));
        assert!(events[3].1.is_ok(), "the others are read");
        let error = read("\n[{},\n x]").unwrap_err();
        assert!(error.message.contains(":3:"), "{}", error.message);
    }
}
