//! For build scripts: builds a library of this workspace with a nested cargo into a target directory
//! of its own and puts it into `OUT_DIR`, so that `cargo install --path cli` yields one file.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A library to be carried.
#[derive(Clone, Copy, Debug)]
pub struct Library<'a> {
    /// Package that makes it.
    pub package: &'a str,
    /// Its file name.
    pub file: &'a str,
    /// Crates whose change makes a new one, relative to the crate of the build script.
    pub sources: &'a [&'a str],
    /// Variable that names a library to take instead, for those who build it elsewhere.
    pub variable: &'a str,
}

/// Puts the library into `OUT_DIR` under its own name.
///
/// # Errors
/// What failed, in one sentence; the nested cargo's own words are on standard error.
pub fn embed(library: Library) -> Result<(), Box<dyn Error>> {
    say(&format!("rerun-if-env-changed={}", library.variable));
    let out = PathBuf::from(env::var("OUT_DIR")?).join(library.file);
    let built = match env::var_os(library.variable) {
        Some(path) => {
            say(&format!("rerun-if-changed={}", Path::new(&path).display()));
            PathBuf::from(path)
        }
        None => build(library)?,
    };
    std::fs::copy(&built, &out).map_err(|e| format!("cannot copy {}: {e}", built.display()))?;
    Ok(())
}

fn build(library: Library) -> Result<PathBuf, Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = workspace_of(&here)?;
    for source in library.sources {
        for part in ["src", "Cargo.toml", "probe"] {
            let path = here.join(source).join(part);
            if path.exists() {
                say(&format!("rerun-if-changed={}", path.display()));
            }
        }
    }
    say(&format!("rerun-if-changed={}", workspace.join("Cargo.lock").display()));
    let target_dir = shared_target(&PathBuf::from(env::var("OUT_DIR")?));
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo.current_dir(&workspace).args(["build", "--release", "-p", library.package]);
    cargo.arg("--target-dir").arg(&target_dir);
    if workspace.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    let target = env::var("TARGET")?;
    let is_cross = target != env::var("HOST")?;
    if is_cross {
        cargo.args(["--target", &target]);
    }
    // Settings of the outer build that are meant for its own crates.
    for name in ["RUSTC_WORKSPACE_WRAPPER", "CLIPPY_ARGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    let status = cargo.status()?;
    if !status.success() {
        return Err(format!("{} did not build: {status}", library.package).into());
    }
    let profile = target_dir.join(if is_cross { target.as_str() } else { "" }).join("release");
    Ok(profile.join(library.file))
}

/// Where nested builds put things: one place for all, as the libraries have dependencies in common.
fn shared_target(out: &Path) -> PathBuf {
    let above =
        out.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "build"));
    above.unwrap_or(out).join("beehive-embedded")
}

/// The folder above `crate_folder` whose manifest is a workspace's.
fn workspace_of(crate_folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let is_workspace = |folder: &&Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim() == "[workspace]")
    };
    let found = crate_folder.ancestors().find(is_workspace);
    Ok(found.ok_or("this crate is built outside its workspace")?.to_owned())
}

/// A line for cargo.
#[expect(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
fn say(line: &str) {
    println!("cargo::{line}");
}
