//! Builds the agent library with a nested cargo into a target directory of its own, so that the host
//! side can carry it: `cargo install --path cli` then yields one file. `BEEHIVE_AGENT_LIBRARY` names
//! a library to take instead, for those who build it elsewhere.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Crates whose change makes a new agent, relative to this crate.
const SOURCES: [&str; 4] = ["../agent", "../jvm", "../classfile", "../trace"];
const LIBRARY: &str = "libbeehive_agent.so";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=BEEHIVE_AGENT_LIBRARY");
    let out = PathBuf::from(env::var("OUT_DIR")?).join(LIBRARY);
    let library = match env::var_os("BEEHIVE_AGENT_LIBRARY") {
        Some(path) => {
            println!("cargo::rerun-if-changed={}", Path::new(&path).display());
            PathBuf::from(path)
        }
        None => build_agent()?,
    };
    std::fs::copy(&library, &out).map_err(|e| format!("cannot copy {}: {e}", library.display()))?;
    Ok(())
}

fn build_agent() -> Result<PathBuf, Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = here.join("../..");
    for source in SOURCES {
        for part in ["src", "Cargo.toml", "probe"] {
            let path = here.join(source).join(part);
            if path.exists() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }
    println!("cargo::rerun-if-changed={}", workspace.join("Cargo.lock").display());
    let target_dir = PathBuf::from(env::var("OUT_DIR")?).join("agent");
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo.current_dir(&workspace).args(["build", "--release", "-p", "beehive-agent"]);
    cargo.arg("--target-dir").arg(&target_dir);
    if workspace.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    let target = env::var("TARGET")?;
    let is_cross = target != env::var("HOST")?;
    if is_cross {
        cargo.args(["--target", &target]);
    }
    // Settings of the outer build that are meant for this crate, not for the agent.
    for name in ["RUSTC_WORKSPACE_WRAPPER", "CLIPPY_ARGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    let status = cargo.status()?;
    if !status.success() {
        return Err(format!("the agent did not build: {status}").into());
    }
    let profile = target_dir.join(if is_cross { target.as_str() } else { "" }).join("release");
    Ok(profile.join(LIBRARY))
}
