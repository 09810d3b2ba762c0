//! Compiles the probe classes that the agent defines in `java.lang`. The class files are committed, so
//! that building beehive needs no JDK; the tests compile them again and compare.

use std::path::PathBuf;

use crate::jdk::Jdk;
use crate::process::{Step, command, root, run};
use crate::tools;

const SOURCES: &str = "profiler/agent/probe";

/// Compiles the sources over the committed class files.
pub fn compile() -> Step {
    let compiled = compile_to("target/probe")?;
    for class in &compiled {
        let name = class.file_name().ok_or("a class file without a name")?;
        let committed = root().join("profiler/agent/probe").join(name);
        std::fs::copy(class, &committed).map_err(|e| format!("{}: {e}", committed.display()))?;
    }
    Ok(())
}

/// Fails if a committed class file is not what its source compiles to.
pub fn check() -> Step {
    for class in compile_to("target/probe")? {
        let name = class.file_name().ok_or("a class file without a name")?;
        let committed = root().join("profiler/agent/probe").join(name);
        if std::fs::read(&class).ok() != std::fs::read(&committed).ok() {
            let name = name.to_string_lossy();
            return Err(format!(
                "{name} is not what {SOURCES} compiles to; run: cargo xtask probe"
            ));
        }
    }
    Ok(())
}

/// Compiles with JDK 17, whose output is the committed one; gives the class files.
fn compile_to(folder: &str) -> Step<Vec<PathBuf>> {
    let jdks = tools::jdks(&[17])?;
    let jdk: &Jdk = jdks.iter().find(|jdk| jdk.feature == 17).ok_or("JDK 17 is needed")?;
    let folder_of_sources = root().join(SOURCES);
    let patch = format!("java.base={}", folder_of_sources.display());
    let mut sources = crate::fixtures::files_below(&folder_of_sources, "java");
    sources.sort();
    let output = root().join(folder);
    let _ = std::fs::remove_dir_all(&output);
    let mut javac = command(&jdk.tool("javac"), &["--release", "17", "-Xlint:all", "-Werror"]);
    javac.args(["--patch-module", &patch, "-d"]).arg(&output).args(&sources);
    run(&mut javac)?;
    Ok(crate::fixtures::files_below(&output, "class"))
}
