//! A command line to the arguments of a run and the snapshot that is there: from the command line alone, or from the manifest alone.

use std::io;
use std::path::PathBuf;

use super::folder::Folder;
use super::manifest::{Manifest, NAME};
use super::root::Root;
use super::settings::Settings;
use super::{Refused, Snapshot};
use crate::cli::Registry;
use crate::cli::import::Reading;
use crate::cli::shaping::Shaping;
use crate::diagnostic::{Code, Diagnostic};

/// What the run is about, and the manifest in the folder.
pub(super) fn begin(
    snapshot: &Snapshot,
    folder: &Folder,
    registry: Registry<'_>,
) -> Result<(Settings, Option<Manifest>), Refused> {
    if snapshot.paths.iter().any(|path| path.as_os_str() == "-") {
        let error = usage("a snapshot is taken of files, not of standard input");
        return Err(Box::new(error));
    }
    let here = Root::here().map_err(|error| outside(&error))?;
    if let Some(path) = snapshot
        .paths
        .iter()
        .find(|path| here.is_in(folder.path(), path))
    {
        let message = format!(
            "`{}` is in the snapshot's folder, which holds nothing else",
            path.display()
        );
        return Err(Box::new(
            usage(&message).help("`--dir DIR` names another folder"),
        ));
    }
    let is_given = !snapshot.paths.is_empty() && !snapshot.to.is_empty();
    if snapshot.check || snapshot.accept.is_some() {
        let manifest = manifest(folder)?;
        let root = Root::at(&snapshot.dir.join(&manifest.root)).map_err(|error| outside(&error))?;
        let settings = if is_given {
            given(snapshot, root)
        } else {
            recorded(snapshot, &manifest, root, folder, registry)?
        };
        return Ok((settings, Some(manifest)));
    }
    if !is_given {
        let error = usage("PATH and `--to TARGET` are required");
        let help = "`--check` and `--accept` take them from the manifest";
        return Err(Box::new(error.help(help)));
    }
    // A manifest that cannot be read is written anew.
    let old = folder.manifest().ok().flatten();
    Ok((given(snapshot, here), old))
}

fn usage(message: &str) -> Diagnostic {
    Diagnostic::error(Code::Usage, message)
}

fn outside(error: &io::Error) -> Diagnostic {
    usage(&format!("the folder of the rules cannot be found: {error}"))
}

/// The manifest, which has to be there.
fn manifest(folder: &Folder) -> Result<Manifest, Refused> {
    let absent = || {
        let message = format!("`{}` is not there", folder.shown(NAME));
        let help = "`rulec snapshot PATH... --to TARGET` writes it; `--dir DIR` says where it is";
        Box::new(Diagnostic::error(Code::SnapshotUnusable, message).help(help))
    };
    folder.manifest()?.ok_or_else(absent)
}

/// The settings of the command line.
fn given(snapshot: &Snapshot, root: Root) -> Settings {
    let shown = |path: &PathBuf| root.shown(&root.portable(path));
    Settings {
        paths: snapshot.paths.iter().map(shown).collect(),
        to: snapshot.to.clone(),
        reading: snapshot.reading.clone(),
        shaping: snapshot.shaping.clone(),
        root,
    }
}

/// The settings of the manifest, where the command line has none.
fn recorded(
    snapshot: &Snapshot,
    manifest: &Manifest,
    root: Root,
    folder: &Folder,
    registry: Registry<'_>,
) -> Result<Settings, Refused> {
    let is_bare = snapshot.paths.is_empty()
        && snapshot.to.is_empty()
        && snapshot.shaping == Shaping::default()
        && snapshot.reading == Reading::default();
    if !is_bare {
        let message = "PATH, `--to TARGET` and the options that shape translations are to be given together or not at all";
        let help = "what is not given is taken from the manifest";
        return Err(Box::new(usage(message).help(help)));
    }
    let targets = registry.targets.iter().map(|target| target.name());
    let formats = registry.frontends.iter().map(|format| format.name());
    let (targets, formats): (Vec<_>, Vec<_>) = (targets.collect(), formats.collect());
    Settings::of(&manifest.options, root, &targets, &formats).map_err(|reason| {
        let path = folder.shown(NAME);
        let message = format!("`{path}` cannot be used: {reason}");
        Box::new(Diagnostic::error(Code::SnapshotUnusable, message))
    })
}
