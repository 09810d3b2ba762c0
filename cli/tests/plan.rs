//! `beehive plan` as a user runs it: what it prints and writes, every kind of bad input with its exit
//! code, and that nothing is overwritten then. Traces are the hand-written ones of `fixtures/traces`.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with the named trace packed in it as `t.beetrace`.
fn folder(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}/../fixtures/traces/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let packed = beehive(&folder, &["trace", "pack", &text, "-o", "t.beetrace"]);
    assert!(packed.status.success(), "{}", stderr(&packed));
    folder
}

fn beehive(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
    command.args(arguments).current_dir(folder.path()).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) {
    std::fs::write(folder.path().join(name), bytes).unwrap();
}

/// Expects an exit code, a diagnostic code, and words in the message.
fn expect_failure(output: &Output, exit: i32, code: &str, words: &[&str]) {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(exit), "{told}");
    assert!(told.contains(code), "{code} in {told}");
    // The printer breaks lines; words are looked for without regard to that.
    let flat: String =
        told.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat.contains(word), "{word:?} in {flat}");
    }
    assert!(stdout(output).is_empty(), "data on stdout in spite of the failure");
}

#[test]
fn a_plan_is_printed_written_and_drawn() {
    let folder = folder("spring");
    let run = beehive(&folder, &["plan", "t.beetrace", "--graph", "g.svg"]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let table = stdout(&run);
    for part in ["TopicController#show", "28.4 %", "OFFLOAD_STREAM_ARGUMENT", "to change it:"] {
        assert!(table.contains(part), "{part} in {table}");
    }
    let plan = read(&folder, "plan.toml");
    assert!(plan.contains("path = \"t.beetrace\""), "{plan}");
    assert!(read(&folder, "g.svg").starts_with("<svg"));
    let again = beehive(&folder, &["plan", "t.beetrace", "--graph", "g.dot"]);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(read(&folder, "plan.toml"), plan, "the same trace gives the same bytes");
    assert!(read(&folder, "g.dot").starts_with("digraph"));
}

#[test]
fn json_is_the_plan() {
    let folder = folder("spring");
    let run = beehive(&folder, &["plan", "t.beetrace", "--format", "json", "-q", "--top", "1"]);
    let plan: serde_json::Value = serde_json::from_str(&stdout(&run)).unwrap();
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["root"][0]["decision"]["code"], "OFFLOAD_OK");
    assert_eq!(plan["trace"]["sha256"].as_str().unwrap().len(), 64);
    assert!(plan["refused"].as_array().unwrap().len() > 3, "--top is for the screen only");
}

#[test]
fn nothing_worth_offloading_has_its_own_exit_code() {
    let folder = folder("hot");
    let run = beehive(&folder, &["plan", "t.beetrace"]);
    assert_eq!(run.status.code(), Some(4), "{}", stderr(&run));
    assert!(stderr(&run).contains("nothing is worth offloading"));
    assert!(read(&folder, "plan.toml").contains("OFFLOAD_CPU_UNKNOWN"));
}

#[test]
fn options_reach_the_plan() {
    let folder = folder("spring");
    let flags = ["--budget", "150us", "--offload-latency", "40us", "--offload-cpu", "1ms"];
    let run = beehive(&folder, &[&["plan", "t.beetrace"], &flags[..]].concat());
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let plan = read(&folder, "plan.toml");
    for part in [
        "added_latency_ms = 0.15",
        "offload_cpu_us = 1000.0",
        "offload_latency_us = 40.0",
        "call_home_cpu_us = 15.0",
        "source = \"given on the command line\"",
    ] {
        assert!(plan.contains(part), "{part} in {plan}");
    }
    // They stay in the plan until something else is said.
    beehive(&folder, &["plan", "t.beetrace"]);
    assert_eq!(read(&folder, "plan.toml"), plan);
}

#[test]
fn a_root_that_matches_nothing_is_told() {
    let folder = folder("plain");
    let run = beehive(&folder, &["plan", "t.beetrace", "--root", "Nothing#here"]);
    assert!(
        stderr(&run).contains("--root Nothing#here matches no user method"),
        "{}",
        stderr(&run)
    );
}

#[test]
fn bad_traces_are_refused_each_in_its_own_words() {
    let folder = folder("spring");
    write(&folder, "plan.toml", b"# mine\nversion = 1\n");
    let whole = std::fs::read(folder.path().join("t.beetrace")).unwrap();
    let mut newer = whole.clone();
    newer[8] = 0x7f;
    let mut flipped = whole.clone();
    flipped[24] ^= 1;
    let cases: [(&[u8], &str, &str); 5] = [
        (b"PK\x03\x04 not a trace", "bee::trace::magic", "not a beehive trace"),
        (&newer, "bee::trace::version", "upgrade beehive"),
        (&whole[..12], "bee::trace::empty", "nothing was recorded"),
        (&whole[..40], "bee::trace::truncated", "truncated"),
        (&flipped, "bee::trace::checksum", "bad checksum"),
    ];
    for (bytes, code, words) in cases {
        write(&folder, "bad.beetrace", bytes);
        expect_failure(
            &beehive(&folder, &["plan", "bad.beetrace"]),
            3,
            code,
            &[words, "bad.beetrace"],
        );
    }
    let missing = beehive(&folder, &["plan", "missing.beetrace"]);
    expect_failure(&missing, 3, "bee::trace::io", &["missing.beetrace"]);
    assert_eq!(read(&folder, "plan.toml"), "# mine\nversion = 1\n");
}

#[test]
fn a_trace_without_user_methods_is_refused() {
    let folder = folder("spring");
    write(&folder, "none.txt", b"beetrace 1\nclass c0 a.B {}\n");
    beehive(&folder, &["trace", "pack", "none.txt", "-o", "none.beetrace"]);
    let run = beehive(&folder, &["plan", "none.beetrace"]);
    expect_failure(&run, 3, "bee::plan::no_methods", &["--app-package"]);
    let mut cut = std::fs::read(folder.path().join("none.beetrace")).unwrap();
    cut.extend_from_slice(b"a torn chunk");
    write(&folder, "cut.beetrace", &cut);
    let run = beehive(&folder, &["plan", "cut.beetrace"]);
    expect_failure(&run, 3, "bee::plan::no_methods", &["damaged: truncated", "record again"]);
    assert!(!folder.path().join("plan.toml").exists());
}

#[test]
fn a_damaged_tail_is_used_up_to_there_and_told() {
    let folder = folder("spring");
    let whole = std::fs::read(folder.path().join("t.beetrace")).unwrap();
    write(&folder, "cut.beetrace", &whole[..whole.len() - 3]);
    let run = beehive(&folder, &["plan", "cut.beetrace"]);
    assert!(run.status.success(), "{}", stderr(&run));
    assert!(stderr(&run).contains("damaged (truncated"), "{}", stderr(&run));
    assert!(read(&folder, "plan.toml").contains("damaged (truncated"));
}

#[test]
fn a_broken_plan_is_left_alone_and_its_place_shown() {
    let folder = folder("spring");
    let broken = "version = 1\n[[root]]\noffload = maybe\n";
    write(&folder, "plan.toml", broken.as_bytes());
    let run = beehive(&folder, &["plan", "t.beetrace"]);
    expect_failure(&run, 3, "bee::plan::syntax", &["plan.toml:3", "nothing was written"]);
    assert_eq!(read(&folder, "plan.toml"), broken);
    write(&folder, "plan.toml", b"version = 99\n");
    expect_failure(&beehive(&folder, &["plan", "t.beetrace"]), 3, "bee::plan::version", &["99"]);
}

#[test]
fn a_plan_naming_methods_the_trace_does_not_know_keeps_them() {
    let folder = folder("spring");
    beehive(&folder, &["plan", "t.beetrace"]);
    let own = "\n[[root]]\nmethod = \"forum.Gone#away()V\"\n";
    write(&folder, "plan.toml", (read(&folder, "plan.toml") + own).as_bytes());
    let run = beehive(&folder, &["plan", "t.beetrace"]);
    assert!(run.status.success());
    assert!(stderr(&run).contains("forum.Gone#away()V, which this trace does not know"));
    assert!(read(&folder, "plan.toml").contains("forum.Gone#away()V"));
}

#[test]
fn outputs_that_cannot_be_written_are_told() {
    let folder = folder("spring");
    let nowhere = Path::new("missing/plan.toml").display().to_string();
    let run = beehive(&folder, &["plan", "t.beetrace", "-o", &nowhere]);
    expect_failure(&run, 9, "bee::output::unwritable", &["missing/plan.toml"]);
    let run = beehive(&folder, &["plan", "t.beetrace", "--graph", "missing/g.svg"]);
    expect_failure(&run, 9, "bee::output::unwritable", &["missing/g.svg"]);
    assert!(!folder.path().join("plan.toml").exists(), "a plan was written beside the failure");
}

#[test]
fn nonsense_on_the_command_line_is_a_usage_error() {
    let folder = folder("spring");
    for flags in [["--budget", "5"], ["--graph", "g.png"], ["--top", "many"]] {
        let run = beehive(&folder, &[&["plan", "t.beetrace"], &flags[..]].concat());
        assert_eq!(run.status.code(), Some(2), "{flags:?}: {}", stderr(&run));
    }
}

#[test]
fn everything_about_one_method_is_told_and_nothing_written() {
    let folder = folder("deep");
    let run = beehive(&folder, &["plan", "t.beetrace", "--why", "Search#nearest"]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let told = stdout(&run);
    for part in [
        "OFFLOAD_CLOSURE_TOO_LARGE",
        "shop.Post#features → float[]",
        "8.45 MB",
        "10th",
        "Native calls per execution: none",
        "Called by",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(!folder.path().join("plan.toml").exists(), "--why wrote a plan");
    let run = beehive(&folder, &["plan", "t.beetrace", "--why", "Search#farthest"]);
    expect_failure(&run, 3, "bee::plan::no_such_method", &["Search#farthest", "--why"]);
}

#[test]
fn predictions_stand_beside_the_plan_and_the_limit_of_closures_is_an_input() {
    let folder = folder("deep");
    let run = beehive(&folder, &["plan", "t.beetrace", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let written: serde_json::Value =
        serde_json::from_str(&read(&folder, "plan.predicted.json")).unwrap();
    assert_eq!(written, plan["predicted"]);
    assert_eq!(written["basis"], "predicted");
    let toml = read(&folder, "plan.toml");
    assert!(toml.contains("fallbacks.first = {") && toml.contains("[whole_request]"), "{toml}");
    assert!(toml.contains("decision.code = \"OFFLOAD_CLOSURE_TOO_LARGE\""), "{toml}");
    beehive(&folder, &["plan", "t.beetrace", "--closure-limit", "20MB"]);
    let toml = read(&folder, "plan.toml");
    assert!(!toml.contains("OFFLOAD_CLOSURE_TOO_LARGE"), "{toml}");
    assert!(toml.contains("closure_bytes_max = 20000000"), "{toml}");
    // A plan without a deep run must not keep the predictions of an earlier one.
    let light = light_of_another(&folder);
    beehive(&folder, &["plan", &light]);
    let written: serde_json::Value =
        serde_json::from_str(&read(&folder, "plan.predicted.json")).unwrap();
    assert_eq!(written["roots"], serde_json::json!([]));
}

/// A light trace of another application in the same folder.
fn light_of_another(folder: &TempDir) -> String {
    let text = format!("{}/../fixtures/traces/spring.txt", env!("CARGO_MANIFEST_DIR"));
    let packed = beehive(folder, &["trace", "pack", &text, "-o", "light.beetrace"]);
    assert!(packed.status.success(), "{}", stderr(&packed));
    "light.beetrace".to_owned()
}

#[test]
fn codes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let run = beehive(&folder, &["explain", "OFFLOAD_CHATTY"]);
    assert!(stdout(&run).contains("Removed by"), "{}", stdout(&run));
    let all = stdout(&beehive(&folder, &["explain"]));
    assert!(all.contains("OFFLOAD_RAW_CAS") && all.contains("bee::plan::syntax"), "{all}");
    let run = beehive(&folder, &["explain", "OFFLOAD_CHATY"]);
    expect_failure(&run, 2, "bee::explain::unknown", &["did you mean OFFLOAD_CHATTY"]);
}
