//! The directory of one run: an agent library, its config with the token, the socket. Only the user
//! can enter it; it vanishes with the run. Chosen so that the JVM can map the library and the paths
//! fit into a socket address and an `-agentpath` option.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use beehive_trace::AgentConfig;
use nix::sys::statvfs::{FsFlags, statvfs};
use tempfile::TempDir;

use crate::error::RecordError;

/// The agent, built for this machine.
static AGENT_LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libbeehive_agent.so"));

/// Longest path of a Unix socket, less the part below the directory.
const LONGEST_PARENT: usize = 64;

/// A directory with mode 0700, removed when dropped.
#[derive(Debug)]
pub struct PrivateDir {
    dir: TempDir,
}

impl PrivateDir {
    /// Makes one in the first directory that fits: `TMPDIR`, `XDG_RUNTIME_DIR`, `/tmp`, `/var/tmp`,
    /// the user's cache.
    ///
    /// # Errors
    /// [`RecordError::NoPrivateDirectory`] with what was tried.
    pub fn new() -> Result<Self, RecordError> {
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let cache = variable("HOME").map(|home| home.join(".cache"));
        let parents = [variable("TMPDIR"), variable("XDG_RUNTIME_DIR")].into_iter().chain([
            Some("/tmp".into()),
            Some("/var/tmp".into()),
            cache,
        ]);
        let mut reasons = Vec::new();
        for parent in parents.flatten() {
            match Self::inside(&parent) {
                Ok(dir) => return Ok(dir),
                Err(reason) => reasons.push(format!("{}: {reason}", parent.display())),
            }
        }
        Err(RecordError::NoPrivateDirectory { reason: reasons.join("; ") })
    }

    /// Makes one in `parent`, or tells why not.
    pub(crate) fn inside(parent: &Path) -> Result<Self, String> {
        let text = parent.to_str().ok_or("its name is no UTF-8")?;
        // HotSpot cuts the option at the first `=`; JAVA_TOOL_OPTIONS is cut at white space.
        if !text.starts_with('/') || text.contains(['=', ' ', '\t', '\n', '\'', '"']) {
            return Err("its name cannot stand in a JVM option".to_owned());
        }
        if text.len() > LONGEST_PARENT {
            return Err("its name is too long for a socket".to_owned());
        }
        let flags = statvfs(parent).map_err(|e| e.to_string())?.flags();
        if flags.contains(FsFlags::ST_NOEXEC) {
            return Err("it is mounted noexec, libraries cannot be loaded from there".to_owned());
        }
        let private = std::fs::Permissions::from_mode(0o700);
        let dir =
            tempfile::Builder::new().prefix("beehive-").permissions(private).tempdir_in(parent);
        dir.map(|dir| Self { dir }).map_err(|e| e.to_string())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where the socket is to be.
    pub fn socket(&self) -> PathBuf {
        self.path().join("socket")
    }

    /// Where the library stands once written.
    pub(crate) fn library(&self) -> PathBuf {
        self.path().join("libbeehive_agent.so")
    }

    /// Where the config stands once written.
    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config.json")
    }

    /// Writes library and config.
    pub(crate) fn fill(&self, config: &AgentConfig) -> Result<(), RecordError> {
        let json = serde_json::to_vec(config).map_err(|e| RecordError::System {
            action: "encode the agent's config".to_owned(),
            source: e.into(),
        })?;
        write_private(&self.config(), &json)?;
        write_private(&self.library(), AGENT_LIBRARY)
    }

    /// Writes a file that only the user can read; gives its path.
    ///
    /// # Errors
    /// [`RecordError::System`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, RecordError> {
        let path = self.path().join(name);
        write_private(&path, bytes)?;
        Ok(path)
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(RecordError::system(format!("write {}", path.display())))
}

/// A secret of 128 random bits, hexadecimal.
///
/// # Errors
/// [`RecordError::System`] if the system has no random bits.
pub fn new_token() -> Result<String, RecordError> {
    use std::io::Read;
    let mut bytes = [0u8; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(RecordError::system("read /dev/urandom"))?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_the_users_alone_and_vanishes() {
        let dir = PrivateDir::new().unwrap();
        dir.fill(&AgentConfig::default()).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(dir.path()), mode(&dir.config()), mode(&dir.library())),
            (0o700, 0o600, 0o600)
        );
        let path = dir.path().to_owned();
        drop(dir);
        assert!(!path.exists());
    }

    #[test]
    fn names_that_break_a_jvm_option_are_not_taken() {
        for parent in ["/a=b", "/a b", "relative", &format!("/{}", "x".repeat(80))] {
            assert!(PrivateDir::inside(Path::new(parent)).is_err(), "{parent}");
        }
    }
}
