//! The whole line on real JVMs: profile → plan → package → cost-report, on forum and on programs that
//! look nothing like it, on every JDK found. Each verb runs as a user runs it: the real binary.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails loudly"
)]

mod support;

use support::{Folder, Jdk, beehive, fixture, free_port, jdks, json_of};

/// Forum under its own load file; what a person must find in each verb's output.
#[test]
fn forum_goes_through_the_whole_line_on_every_jdk() {
    for jdk in jdks() {
        let out = Folder::new(&format!("line-{}", jdk.feature));
        record_forum(&jdk, &out);
        let shown =
            json_of(&beehive(&["trace", "show", &out.path("forum.beetrace"), "--format", "json"]));
        assert!(shown["calls"].as_u64().unwrap() > 1000, "JDK {}: {shown}", jdk.feature);
        assert!(shown["requests_sent"].as_u64().unwrap() > 100, "JDK {}: {shown}", jdk.feature);

        let plan = beehive(&[
            "plan",
            &out.path("forum.beetrace"),
            "-o",
            &out.path("plan.toml"),
            "--graph",
            &out.path("graph.svg"),
            "--format",
            "json",
        ]);
        assert!(plan.status.success(), "JDK {}: {}", jdk.feature, plan.stderr);
        let text = out.read("plan.toml");
        assert!(text.contains("dev.beehive.forum.account.PasswordCheck#matches"), "{text}");
        assert!(!text.contains("$$SpringCGLIB$$"), "a proxy became a candidate: {text}");
        assert!(out.read("graph.svg").starts_with("<svg"), "no SVG");

        let (plan, bundle) = (out.path("plan.toml"), out.path("bundle"));
        let packed = beehive(&["package", &plan, "--verify", "-o", &bundle, "--format", "json"]);
        assert!(packed.status.success(), "JDK {}: {}", jdk.feature, packed.stderr);
        assert!(out.exists("bundle.zip") && out.exists("bundle/manifest.toml"));
        let trial = &json_of(&packed)["trial"];
        assert_eq!(trial["invocations"], 4, "JDK {}: {trial}", jdk.feature);
        assert!(trial["loaded"].as_u64() > Some(100), "JDK {}: {trial}", jdk.feature);
        altered_bundles_do_not_verify(&out);

        let report = beehive(&[
            "cost-report",
            &out.path("plan.toml"),
            "--base",
            "50/s",
            "--burst",
            "200/s",
            "--for",
            "120s",
            "-o",
            &out.path("report"),
            "--format",
            "json",
        ]);
        assert!(report.status.success(), "JDK {}: {}", jdk.feature, report.stderr);
        json_of(&report);
    }
}

/// The bundle as it is verifies again; changed in any way it does not, and exit code and message say so.
fn altered_bundles_do_not_verify(out: &Folder) {
    let (plan, bundle) = (out.path("plan.toml"), out.path("bundle"));
    let verify = || beehive(&["package", &plan, "--dry-run", "--verify", "-o", &bundle]);
    let right = verify();
    assert!(right.status.success() && right.stdout.contains("admitted"), "{}", right.stderr);
    let refused = |code: &str, word: &str| {
        let run = verify();
        assert_eq!(run.status.code(), Some(7), "{}", run.stderr);
        assert!(run.stderr.contains(code) && run.stderr.contains(word), "{word}: {}", run.stderr);
    };
    let manifest = out.read("bundle/manifest.toml");
    let jdk = manifest.lines().find(|line| line.starts_with("jdk_build")).unwrap();
    std::fs::write(
        out.path("bundle/manifest.toml"),
        manifest.replace(jdk, "jdk_build = \"1.2.3+4\""),
    )
    .unwrap();
    refused("bee::package::stale", "another build");
    std::fs::write(out.path("bundle/manifest.toml"), &manifest).unwrap();

    let lib = out.path("bundle/lib");
    let jar = std::fs::read_dir(lib).unwrap().map(|jar| jar.unwrap().path()).min().unwrap();
    let whole = std::fs::read(&jar).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    std::fs::write(&jar, changed).unwrap();
    refused("bee::package::verification", "sha256");
    without_last_class(&jar);
    refused("bee::package::verification", "bytes, the manifest says");
    std::fs::remove_file(&jar).unwrap();
    refused("bee::package::verification", "it is missing");
    std::fs::write(&jar, whole).unwrap();
    assert!(verify().status.success());
}

/// Leaves one class out of a jar.
fn without_last_class(jar: &std::path::Path) {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(jar).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let last = names.iter().rfind(|name| name.strip_suffix(".class").is_some()).unwrap();
    let mut less = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in names.iter().filter(|name| *name != last) {
        less.raw_copy_file(archive.by_name(name).unwrap()).unwrap();
    }
    std::fs::write(jar, less.finish().unwrap().into_inner()).unwrap();
}

fn record_forum(jdk: &Jdk, out: &Folder) {
    let port = free_port();
    let run = beehive(&[
        "profile",
        "--duration",
        "12s",
        "--rate",
        "40/s",
        "--load",
        &fixture("apps/forum/requests.http"),
        "--target",
        &format!("http://127.0.0.1:{port}"),
        "-o",
        &out.path("forum.beetrace"),
        "--",
        &jdk.java(),
        "-jar",
        &fixture("apps/forum/target/forum.jar"),
        &format!("--server.port={port}"),
    ]);
    assert!(run.status.success(), "JDK {}: {}\n{}", jdk.feature, run.stderr, run.stdout);
}

/// Counts of a program whose truth is known, through the command line, and the program's own output.
#[test]
fn counts_are_exact_through_the_command_line() {
    for jdk in jdks() {
        let out = Folder::new(&format!("counts-{}", jdk.feature));
        let trace = out.path("counts.beetrace");
        let classes = fixture("programs/counts/target/classes");
        let run =
            beehive(&["profile", "-o", &trace, "--", &jdk.java(), "-cp", &classes, "counts.Main"]);
        assert!(run.status.success(), "{}", run.stderr);
        let expected: toml::Table = std::fs::read_to_string(fixture("programs/counts/expect.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let trace = beehive_trace::read_trace_file(trace.as_ref()).unwrap().trace;
        let counts = trace.invocation_counts();
        let mut checked = 0;
        for row in expected["method"].as_array().unwrap() {
            let name = row["name"].as_str().unwrap();
            let count = row["count"].as_integer().unwrap() as u64;
            let got = (0..trace.methods.len() as u32)
                .find(|id| internal_label(&trace, *id) == name)
                .map(|id| counts[id as usize]);
            assert_eq!(got.unwrap_or(0), count, "JDK {}: {name}", jdk.feature);
            checked += 1;
        }
        assert_eq!(run.stdout.trim(), expected["checksum"].as_str().unwrap());
        assert!(checked > 20, "only {checked} methods were compared");
    }
}

/// `pkg/Class.method(descriptor)`, as the fixtures write it.
fn internal_label(trace: &beehive_trace::Trace, id: u32) -> String {
    let method = &trace.methods[id as usize];
    let class = trace.classes[method.class as usize].name.replace('.', "/");
    format!("{class}.{}{}", method.name, method.descriptor)
}
