//! Wishes that change while the application runs: a small file that a person or script rewrites, lines
//! `offload=MODE` and `workers=N`, `#` begins a remark. Looked at several times a second; what has not
//! changed says nothing, what is not understood is told and changes nothing.

use std::path::PathBuf;

use crate::mode::OffloadMode;

/// Most workers that can be asked for.
const WORKERS_MAX: u32 = 256;

/// A file of wishes.
#[derive(Debug)]
pub(crate) struct Live {
    path: PathBuf,
    seen: String,
}

/// What a changed file asks for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Wishes {
    pub(crate) offload: Option<OffloadMode>,
    pub(crate) workers: Option<u32>,
    /// Lines that are not understood, with the reason.
    pub(crate) refused: Vec<String>,
}

impl Live {
    /// The file need not be there yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, seen: String::new() }
    }

    /// What the file asks for, if it has changed since the last look.
    pub(crate) fn look(&mut self) -> Option<Wishes> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        // A writer may be between truncating and writing.
        if text == self.seen || !text.ends_with('\n') {
            return None;
        }
        let wishes = parse(&text);
        self.seen = text;
        Some(wishes)
    }
}

fn parse(text: &str) -> Wishes {
    let mut wishes = Wishes::default();
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    for line in lines {
        let parsed = match line.split_once('=') {
            Some(("offload", mode)) => mode.parse().map(|mode| wishes.offload = Some(mode)),
            Some(("workers", count)) => match count.parse() {
                Ok(count) if (1..=WORKERS_MAX).contains(&count) => {
                    wishes.workers = Some(count);
                    Ok(())
                }
                _ => Err(format!("`{count}` is not between 1 and {WORKERS_MAX}")),
            },
            _ => Err("only offload=… and workers=… can be changed".to_owned()),
        };
        if let Err(reason) = parsed {
            wishes.refused.push(format!("{line}: {reason}"));
        }
    }
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_nonsense_is_told_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("live");
        let mut live = Live::new(path.clone());
        assert_eq!(live.look(), None);
        std::fs::write(&path, "# quieter\noffload=ratio=0.25\nworkers=3\n").unwrap();
        let wishes = live.look().unwrap();
        assert_eq!((wishes.offload, wishes.workers), (Some(OffloadMode::Ratio(0.25)), Some(3)));
        assert_eq!(live.look(), None);
        std::fs::write(&path, "offload=").unwrap();
        assert_eq!(live.look(), None, "half a line");
        std::fs::write(&path, "offload=much\nworkers=0\nheap=1\n").unwrap();
        assert_eq!(live.look().unwrap().refused.len(), 3);
    }
}
