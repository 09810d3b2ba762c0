//! Bundles: what a worker is started from. Takes a plan and its trace, finds the classes that the
//! roots reach, reads them from where the recorded run loaded them, and writes reproducible jars
//! with a manifest. Decides nothing about roots (the plan does) and starts nothing (`run` does).
//!
//! ```text
//! plan.toml + app.beetrace ─ reach ─▶ classes by code source ─ bundle ─▶ files ─ output ─▶ bundle/ + bundle.zip
//! ```

mod application;
mod archive;
mod bundle;
mod class_facts;
mod class_path;
mod error;
mod jar_manifest;
mod listing;
mod location;
mod manifest;
mod output;
mod planned_trace;
mod platform;
mod reach;
mod resources;
mod rewritten;
mod source;
mod verify;

pub use bundle::{Bundle, make_bundle};
pub use error::PackageError;
pub use listing::{LeftOut, ListedFile, ListedJar, ListedRoot, Listing, MissingSupertype};
pub use location::Location;
pub use manifest::{BUNDLE_VERSION, JarEntry, MANIFEST_NAME, Manifest, Target};
pub use output::{Written, write_bundle};
pub use planned_trace::{PlannedTrace, read_planned_trace};
pub use platform::Platform;
pub use verify::{BundleFiles, Verified, read_archive, read_directory, verify};
