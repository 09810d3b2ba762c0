//! Native methods and what calling one means for a worker: the reviewed table, and beside it a
//! proposal computed from the machine code of the libraries. Reads JDKs, jars and libraries; runs
//! nothing. The analyzer prices native calls with it, `beehive natives` shows it.

mod archive;
mod body;
mod category;
mod declared;
mod effect;
mod error;
mod function_ranges;
mod jdk;
mod jni;
mod known;
mod library;
mod machine;
mod mangle;
mod matrix;
mod proposal;
mod reachability;
mod registered;
mod table;
mod value;

pub use archive::{FileNatives, LeftOutLibrary, LibraryNatives, LibraryRow, natives_of_file};
pub use category::Category;
pub use declared::{NativeMethod, declared_in_class, declared_in_module};
pub use effect::Effect;
pub use error::NativesError;
pub use jdk::{JdkNatives, JdkRow, natives_of_jdk, read_library};
pub use library::Library;
pub use matrix::Matrix;
pub use proposal::{Found, Proposal, Proposer};
pub use reachability::Libraries;
pub use registered::registered_in;
pub use table::{ReviewedRow, ReviewedTable};
