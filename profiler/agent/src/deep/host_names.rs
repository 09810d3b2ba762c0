//! Names of things of the machine, without what could be a secret: of a path the kind of directory and
//! the extension stay, of a process the program's name, of a connection the peer.

use std::path::Path;

use beehive_trace::HostKind;

/// Directories whose kind is told; the first that fits.
const PLACES: [(&str, &str); 6] = [
    ("/proc/", "(process information)"),
    ("/sys/", "(system information)"),
    ("/dev/", "(device)"),
    ("/tmp/", "(temporary)"),
    ("/var/tmp/", "(temporary)"),
    ("/usr/", "(system)"),
];

/// Kind of directory and extension of a file, the name of a program.
pub(crate) fn place_of(kind: HostKind, path: &str) -> String {
    let path = Path::new(path);
    if kind == HostKind::Process {
        return path.file_name().map_or("?".into(), |name| name.to_string_lossy().into_owned());
    }
    let text = path.to_string_lossy();
    let place = PLACES.iter().find(|(prefix, _)| text.starts_with(prefix));
    let place = match place {
        Some((_, place)) => place,
        None if path.is_relative() => "(working directory)",
        None => "(elsewhere)",
    };
    match path.extension() {
        Some(extension) => format!("{place} *.{}", extension.to_string_lossy()),
        None => format!("{place} *"),
    }
}

/// The peer out of a socket's own text, `Socket[addr=db/10.0.0.1,port=5432,localport=40000]`; other
/// texts are addresses already.
pub(crate) fn peer_of(text: &str) -> String {
    let inside = text.split_once("addr=").map(|(_, rest)| rest);
    let parts = inside.and_then(|rest| rest.split_once(",port="));
    match parts {
        Some((address, rest)) => {
            let port = rest.split([',', ']']).next().unwrap_or("?");
            format!("{address}:{port}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_arguments_of_programs_are_left_out() {
        assert_eq!(place_of(HostKind::File, "/tmp/alice-password.txt"), "(temporary) *.txt");
        assert_eq!(place_of(HostKind::File, "upload/x"), "(working directory) *");
        assert_eq!(place_of(HostKind::File, "/home/alice/a.png"), "(elsewhere) *.png");
        assert_eq!(place_of(HostKind::Process, "/usr/bin/convert"), "convert");
    }

    #[test]
    fn peers_are_read_from_sockets_and_addresses() {
        let socket = "Socket[addr=localhost/127.0.0.1,port=5432,localport=40000]";
        assert_eq!(peer_of(socket), "localhost/127.0.0.1:5432");
        assert_eq!(peer_of("db/10.0.0.1:5432"), "db/10.0.0.1:5432");
    }
}
