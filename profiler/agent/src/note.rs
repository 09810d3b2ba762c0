//! The probe class's notes: what is rare and has a text. `T<tab>method<tab>thread name` for a thread
//! started, `C<tab>method<tab>opener<tab>peer` for a connection opened; the method is an id of the
//! probe class (from 1, or -1 for outside).

use beehive_trace::{Connection, OUTSIDE, ThreadGroup};

/// One note, ids being row numbers of the trace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// A platform thread was started.
    Thread(ThreadGroup),
    /// A connection was opened.
    Connection(Connection),
}

/// Reads a note; `None` if it is not one.
pub(crate) fn parse_note(line: &str) -> Option<Note> {
    let (kind, rest) = line.split_once('\t')?;
    let (method, rest) = rest.split_once('\t')?;
    let method = row_of(method.parse().ok()?);
    match kind {
        "T" => Some(Note::Thread(ThreadGroup {
            name: name_pattern(rest),
            is_virtual: false,
            starter: method,
            started: 1,
        })),
        "C" => {
            let (opener, peer) = rest.split_once('\t')?;
            let (peer, opener) = (peer.to_owned(), opener.to_owned());
            Some(Note::Connection(Connection { peer, method, opener, count: 1 }))
        }
        _ => None,
    }
}

/// Row of a method by its id in the probe class.
pub(crate) fn row_of(id: i32) -> u32 {
    if id > 0 { id as u32 - 1 } else { OUTSIDE }
}

/// A thread's name with each run of digits replaced by `#`.
fn name_pattern(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for character in name.chars() {
        if !character.is_ascii_digit() {
            pattern.push(character);
        } else if !pattern.ends_with('#') {
            pattern.push('#');
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_read_back() {
        let Some(Note::Thread(group)) = parse_note("T\t3\tpool-12-thread-7") else { panic!() };
        assert_eq!((group.name.as_str(), group.starter), ("pool-#-thread-#", 2));
        let Some(Note::Connection(c)) = parse_note("C\t-1\tcom.acme.A\tdb/10.0.0.1:5432") else {
            panic!()
        };
        assert_eq!((c.opener.as_str(), c.method), ("com.acme.A", OUTSIDE));
        assert_eq!(c.peer, "db/10.0.0.1:5432");
        assert_eq!(parse_note("X\t1\ta"), None);
        assert_eq!(parse_note("T"), None);
    }
}
