//! `rulec match`: which rules select which events of a log.
//!
//! Rules are read once, events in batches that several threads judge. A rule with a threshold is judged event by event: that it
//! selects an event says that the event counts.

use std::io;
use std::path::PathBuf;

use serde_json::json;

use super::console::Console;
use super::events::{Events, Numbered};
use super::import::{Reading, each_document};
use super::{Exit, Registry, TextOrJson, workers};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval;
use crate::ir::Rule;
use crate::source::Sources;

/// Events that one thread judges at a time.
const SHARE: usize = 100;

const EXAMPLES: &str = "\
Examples:
  rulec match rule.yml --events cloudtrail.jsonl
  zcat log.jsonl.gz | rulec match rules --events -
  rulec match rules --events log.json --format json | jq 'select(.rules != [])'";

/// Say which rules match which events
///
/// Every rule judges every event, whatever log it is from. A line per event that a rule matches: the event's number, from 1, and
/// the ids of the rules. A threshold is not counted: the rule matches each event that it would count.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Match {
    /// Rule files, folders, or `-` for standard input
    #[arg(required = true, value_name = "RULE")]
    paths: Vec<PathBuf>,
    /// The events: a JSON object on each line, or one list of objects; `-` for standard input
    #[arg(long, required = true, value_name = "FILE")]
    events: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// `text`: the events that match; `json`: a line `{"event", "rules"}` for every event
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

/// The events so far.
#[derive(Default)]
struct Counts {
    judged: usize,
    matched: usize,
    unread: usize,
}

impl Match {
    /// Reads the rules, then judges the events.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let piped = |path: &PathBuf| path.as_os_str() == "-";
        if piped(&self.events) && self.paths.iter().any(piped) {
            let message = "rules and events cannot both come from standard input";
            console.complain_of(&Diagnostic::error(Code::Usage, message));
            return Ok(Exit::Failure);
        }
        let mut rules: Vec<Rule> = Vec::new();
        let exit = each_document(
            &self.paths,
            &self.reading,
            registry,
            console,
            |document| std::mem::take(&mut document.rules),
            |_, read, _| {
                rules.extend(read);
                Ok(())
            },
        )?;
        if exit == Exit::Failure && rules.is_empty() {
            return Ok(exit);
        }
        let mut counts = Counts::default();
        if let Err(problem) = self.judge(&rules, &mut counts, console)? {
            console.flush()?;
            console.complain_of(&problem);
            return Ok(Exit::Failure);
        }
        let s = |count: usize| if count == 1 { "" } else { "s" };
        console.report(&format!(
            "{} rule{}, {} event{}: {} matched\n",
            rules.len(),
            s(rules.len()),
            counts.judged,
            s(counts.judged),
            counts.matched
        ))?;
        Ok(if counts.unread > 0 {
            Exit::Failure
        } else {
            exit
        })
    }

    /// Judges the events, a batch after the other. The inner error says why there are no more of them.
    fn judge(
        &self,
        rules: &[Rule],
        counts: &mut Counts,
        console: &mut Console<'_>,
    ) -> io::Result<Result<(), Diagnostic>> {
        let mut events = match Events::open(&self.events) {
            Ok(events) => events,
            Err(problem) => return Ok(Err(problem)),
        };
        loop {
            let batch = match events.batch() {
                Ok(batch) if batch.is_empty() => return Ok(Ok(())),
                Ok(batch) => batch,
                Err(problem) => return Ok(Err(problem)),
            };
            let shares: Vec<&[Numbered]> = batch.chunks(SHARE).collect();
            let work = |share: &&[Numbered]| self.lines(rules, share);
            workers::in_order(&shares, work, |share: Share| {
                counts.judged += share.counts.judged;
                counts.matched += share.counts.matched;
                counts.unread += share.counts.unread;
                console.print(&share.lines)?;
                console.diagnose(&share.problems, &Sources::new())
            })?;
        }
    }

    /// The lines of some events.
    fn lines(&self, rules: &[Rule], events: &[Numbered]) -> Share {
        let mut share = Share::default();
        let now = super::clock::now();
        for (number, event) in events {
            let event = match event {
                Ok(event) => event,
                Err(problem) => {
                    share.counts.unread += 1;
                    share.problems.push(problem.clone());
                    continue;
                }
            };
            let ids: Vec<&str> = rules
                .iter()
                .filter(|rule| eval::matches_at(rule, event, now))
                .map(|rule| rule.metadata.id.as_str())
                .collect();
            share.counts.judged += 1;
            share.counts.matched += usize::from(!ids.is_empty());
            match self.format {
                TextOrJson::Text if ids.is_empty() => {}
                TextOrJson::Text => {
                    let ids = ids.join(", ");
                    share.lines.extend([&number.to_string(), ": ", &ids, "\n"]);
                }
                TextOrJson::Json => {
                    let line = json!({"event": number, "rules": ids});
                    share.lines.extend([&line.to_string(), "\n"]);
                }
            }
        }
        share
    }
}

/// What came of some events.
#[derive(Default)]
struct Share {
    lines: String,
    problems: Diagnostics,
    counts: Counts,
}
