//! The crate's one error enum: why bytes are not a class, or a file is no image of a JDK.
//! A method that cannot be rewritten is not an error: see `LeftAlone`.

use std::path::PathBuf;

/// Why some bytes are not a class file this crate can read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassFileError {
    /// The first four bytes are not `CAFEBABE`.
    #[error("not a class file: magic {found:#010x}")]
    BadMagic {
        /// The four bytes found.
        found: u32,
    },
    /// The bytes end inside a structure.
    #[error("class file of {length} bytes ends inside {what} at byte {offset}")]
    Truncated {
        /// The structure being read.
        what: &'static str,
        /// Where the structure starts, in bytes.
        offset: usize,
        /// Size of the input, in bytes.
        length: usize,
    },
    /// A constant has a tag that JVMS §4.4 does not define.
    #[error("constant {index} at byte {offset} has unknown tag {tag}")]
    BadConstantTag {
        /// Index in the constant pool.
        index: u16,
        /// Where the constant starts, in bytes.
        offset: usize,
        /// The tag found.
        tag: u8,
    },
    /// An index points to a constant of another kind, or outside the pool.
    #[error("constant {index} is not a {expected}")]
    BadConstant {
        /// Index in the constant pool.
        index: u16,
        /// The kind that was needed.
        expected: &'static str,
    },
    /// Bytes follow the last attribute of the class.
    #[error("class file ends at byte {end}, input has {length} bytes")]
    TrailingBytes {
        /// Where the class ends, in bytes.
        end: usize,
        /// Size of the input, in bytes.
        length: usize,
    },
    /// A descriptor given to the rewriter does not parse (JVMS §4.3).
    #[error("bad descriptor {descriptor:?}")]
    BadDescriptor {
        /// The text given.
        descriptor: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not a `lib/modules` of a JDK, or a broken one.
    #[error("{} is not a jimage: bad {what}", path.display())]
    BadImage {
        /// The file.
        path: PathBuf,
        /// The part that is wrong.
        what: &'static str,
    },
    /// A resource is compressed in a way that is not read (`zip` is).
    #[error("{} holds resources compressed by {compression}", path.display())]
    CompressedImage {
        /// The file.
        path: PathBuf,
        /// The name that `jlink` gives the compression.
        compression: String,
    },
}
