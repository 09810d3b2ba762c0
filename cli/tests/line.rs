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

        let packed = beehive(&["package", &out.path("plan.toml"), "-o", &out.path("bundle")]);
        assert!(packed.status.success(), "JDK {}: {}", jdk.feature, packed.stderr);
        assert!(
            out.exists("bundle.zip") && out.exists("bundle/manifest.toml"),
            "{}",
            packed.stdout
        );

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
