//! The texts of rule files that were read before the first rule is, so that each is read once.
//!
//! Kept as long as they are not large together; who imports a file takes its text. Invariant: without them nothing comes of a file
//! but what its second reading would find.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

/// How many bytes of texts are kept.
const KEPT: usize = 32 << 20;

/// Texts, by the paths of their files.
#[derive(Debug, Default)]
pub(super) struct Texts {
    by_path: Mutex<FxHashMap<PathBuf, Arc<str>>>,
    bytes: usize,
}

impl Texts {
    /// Keeps a text, if there is room for it.
    pub(super) fn keep(&mut self, path: &Path, text: &Arc<str>) {
        if self.bytes + text.len() > KEPT {
            return;
        }
        self.bytes += text.len();
        if let Ok(texts) = self.by_path.get_mut() {
            texts.insert(path.to_owned(), Arc::clone(text));
        }
    }

    /// The text, if it was kept; once.
    pub(super) fn take(&self, path: &Path) -> Option<Arc<str>> {
        self.by_path.lock().ok()?.remove(path)
    }

    /// The text, which stays.
    pub(super) fn get(&self, path: &Path) -> Option<Arc<str>> {
        self.by_path.lock().ok()?.get(path).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_once_and_kept_where_there_is_room() {
        let mut texts = Texts::default();
        let large: Arc<str> = "x".repeat(KEPT - 1).into();
        texts.keep(Path::new("a"), &"aa".into());
        texts.keep(Path::new("b"), &large);
        assert_eq!(texts.get(Path::new("a")).as_deref(), Some("aa"));
        assert_eq!(texts.take(Path::new("a")).as_deref(), Some("aa"));
        assert_eq!(texts.take(Path::new("a")), None);
        assert_eq!(texts.take(Path::new("b")), None);
    }
}
