//! What can go wrong with a JDK or a library. Things found inside a readable library that cannot be
//! resolved are no errors: they make a category unknown.

use std::path::PathBuf;

use thiserror::Error;

/// Failure to read a JDK, a jar or a library.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NativesError {
    /// The file could not be read.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The folder is no JDK, or its classes cannot be read.
    #[error("{home} is no JDK whose classes can be read")]
    Jdk {
        /// The folder.
        home: PathBuf,
        /// What the class reader says.
        #[source]
        source: beehive_classfile::ClassFileError,
    },
    /// The bytes are no ELF file.
    #[error("{name} is no ELF library: it begins with {found:02x?}")]
    NotElf {
        /// File name.
        name: String,
        /// The first bytes, at most four.
        found: Vec<u8>,
    },
    /// A library for another processor; only x86-64 is analysed.
    #[error("{name} is for {machine}, and only x86-64 is analysed")]
    OtherMachine {
        /// File name.
        name: String,
        /// The processor as ELF names it.
        machine: String,
    },
    /// A library for another operating system.
    #[error("{name} is not for Linux: its ELF system number is {abi}")]
    OtherSystem {
        /// File name.
        name: String,
        /// `EI_OSABI` of its header: 9 is FreeBSD, 6 Solaris.
        abi: u8,
    },
    /// An ELF file that does not parse.
    #[error("{name} is damaged: {reason}")]
    Malformed {
        /// File name.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// A `release` file without a version.
    #[error("{path} does not say which JDK this is")]
    NoVersion {
        /// The file.
        path: PathBuf,
    },
    /// A jar that does not open.
    #[error("{path} is no readable jar")]
    Jar {
        /// The jar, nested ones separated by `!/`.
        path: PathBuf,
        /// The archive reader's reason.
        #[source]
        source: zip::result::ZipError,
    },
}
