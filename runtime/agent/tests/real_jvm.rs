//! The agent in real JVMs, with stand-ins for the runtime's Java side: gates answer, the package is open,
//! classes come rewritten; and whatever is wrong with the start, the program runs as ever.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "these are tests"
)]

#[path = "../../../profiler/classfile/tests/support/jdks.rs"]
mod jdks;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jdks::Jdk;

/// The agent's library, which cargo builds beside the tests.
fn library() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let name = format!("{}beehive_offload_agent.so", std::env::consts::DLL_PREFIX);
    let folders = here.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(&name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built; cargo test builds it"))
}

struct Setting {
    folder: tempfile::TempDir,
}

impl Setting {
    fn compile(jdk: &Jdk) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let hooks = std::fs::read_dir(here.join("../rewriting/tests/java/hook")).unwrap();
        let mut runtime: Vec<PathBuf> = hooks.map(|file| file.unwrap().path()).collect();
        let own = |name: &str| here.join("tests/java").join(name);
        runtime.extend([own("Server.java"), own("ClassFiles.java")]);
        let exports = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";
        let runtime_classes = folder.path().join("runtime");
        javac(jdk, &runtime_classes, &[exports], &runtime);
        let mut jar = Command::new(jdk.tool("jar"));
        jar.arg("-cf").arg(folder.path().join("runtime.jar")).arg("-C").arg(&runtime_classes);
        assert!(jar.arg(".").status().unwrap().success());
        let class_path = runtime_classes.display().to_string();
        let application = folder.path().join("application");
        javac(jdk, &application, &["-cp", &class_path], &[own("Shop.java")]);
        let made = application.join("made");
        javac(jdk, &made, &[], &[own("Made.java")]);
        std::fs::rename(made.join("Made.class"), made.join("Made.class_")).unwrap();
        Self { folder }
    }

    /// Runs the program with the agent and this configuration.
    fn run(&self, jdk: &Jdk, configuration: &str, options: &[&str]) -> Output {
        let file = self.folder.path().join("run.conf");
        std::fs::write(&file, configuration).unwrap();
        let mut java = Command::new(jdk.tool("java"));
        java.arg(format!("-agentpath:{}={}", library().display(), file.display()));
        java.arg("-Xcheck:jni").args(options);
        java.arg("-cp").arg(self.folder.path().join("application")).arg("Shop");
        java.current_dir(self.folder.path()).output().unwrap()
    }

    fn configuration(&self) -> String {
        let jar = self.folder.path().join("runtime.jar");
        format!("runtime_jar={}\nroot.7=Shop%23buy(I)I\n", jar.display())
    }
}

fn javac(jdk: &Jdk, to: &Path, arguments: &[&str], sources: &[PathBuf]) {
    let mut javac = Command::new(jdk.tool("javac"));
    let output = javac.arg("-nowarn").args(arguments).arg("-d").arg(to).args(sources).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn classes_get_gates_and_come_rewritten_for_workers() {
    for jdk in jdks::all() {
        let setting = Setting::compile(&jdk);
        let closed = text(&setting.run(&jdk, &setting.configuration(), &[]));
        println!("{closed}");
        assert!(!closed.contains("WARNING") && !closed.contains("FATAL"), "{closed}");
        for line in [
            "started true",
            "page true",
            "bought 7shop",
            "Shop true barriers true state true",
            "Till true barriers true state true",
            "Made true barriers true state true",
            "String false barriers false state false",
        ] {
            assert!(closed.lines().any(|found| found == line), "no `{line}` in {closed}");
        }
        let open = text(&setting.run(&jdk, &setting.configuration(), &["-Dopen.7=local"]));
        assert!(open.contains("gate 7 false [4]") && open.contains("bought 7shop"), "{open}");
    }
}

#[test]
fn a_start_that_fails_leaves_the_program_alone() {
    let jdk = jdks::all().remove(0);
    let setting = Setting::compile(&jdk);
    let empty = setting.folder.path().join("empty.jar");
    let mut jar = Command::new(jdk.tool("jar"));
    jar.arg("-cfM").arg(&empty).arg("-C").arg(setting.folder.path()).arg("application/made");
    assert!(jar.status().unwrap().success());
    let without_runtime = format!("runtime_jar={}\n", empty.display());
    for (configuration, said) in [
        ("", "has no `runtime_jar`"),
        ("runtime_jar=/nowhere.jar\nroot.0=no-method", "does not name a method"),
        (&without_runtime, "the runtime jar does not fit"),
    ] {
        // The program's own use of the runtime is what cannot work then.
        let output = setting.run(&jdk, configuration, &[]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains("beehive: not offloading") && errors.contains(said), "{errors}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("bought 7shop"));
    }
}
