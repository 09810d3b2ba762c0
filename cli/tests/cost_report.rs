//! `beehive cost-report` as a user runs it: what it prints and writes, goals, and every kind of bad
//! input with its exit code, a good report left alone.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use std::process::{Command, Output};

use tempfile::TempDir;

const PLAN: &str = r#"version = 1
[app]
main = "shop.jar"
cpus = 2
ready_ms = 3200
[traffic]
latency_ms_p50 = 32.0
latency_ms_p99 = 110.0
cpu_ms_per_request = 30.0
[constants]
offload_cpu_us = 130.0
call_home_cpu_us = 17.0
offload_latency_us = 200.0
call_home_latency_us = 38.0
[[root]]
method = "shop.Catalogue#page(int)"
offload = true
calls_per_request = 0.8
latency_us_mean = 34000.0
cpu_us_mean = 32000.0
cpu_us_saved = 31800.0
"#;

/// A folder with a plan and quick settings.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "plan.toml", PLAN);
    write(&folder, "quick.toml", "seeds = 3\n[burst]\nbefore_s = 30.0\nafter_s = 30.0\n");
    folder
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn beehive(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
    command.arg("cost-report").args(arguments).current_dir(folder.path()).env("NO_COLOR", "1");
    command.output().unwrap()
}

/// A quick report of 50/s and 200/s for 30 s with more arguments.
fn quick(folder: &TempDir, arguments: &[&str]) -> Output {
    let base = ["plan.toml", "--settings", "quick.toml", "--base", "50/s", "--burst", "200/s"];
    beehive(folder, &[&base[..], &["--for", "30s"], arguments].concat())
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Expects an exit code, a diagnostic code and words, however the lines are broken.
#[track_caller]
fn expect_failure(output: &Output, exit: i32, code: &str, words: &[&str]) {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(exit), "{told}");
    assert!(told.contains(code), "{code} in {told}");
    let flat: String =
        told.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat.contains(word), "{word:?} in {flat}");
    }
}

#[test]
fn a_report_is_printed_and_written() {
    let folder = folder();
    let run = quick(&folder, &["--explain"]);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let text = stdout(&run);
    for part in
        ["EC2 on demand", "BeeHive on Lambda", "s / 3600 x $0.2/h", "2026-07-20", "Not priced"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        text.trim_end().lines().last().unwrap().starts_with("Cheapest way that keeps p99"),
        "{text}"
    );
    for name in
        ["report.html", "report.json", "lines.csv", "timeline.csv", "latency.svg", "cost.svg"]
    {
        assert!(read(&folder, &format!("report/{name}")).len() > 500, "{name}");
    }
    let page = read(&folder, "report/report.html");
    for loads in ["<script", "<link", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(loads), "the page must load nothing, not even by {loads}");
    }
    let first = read(&folder, "report/report.json");
    assert_eq!(quick(&folder, &[]).status.code(), Some(0));
    assert_eq!(read(&folder, "report/report.json"), first, "the same inputs give the same bytes");
}

#[test]
fn json_and_csv_go_to_stdout_alone() {
    let folder = folder();
    let json = quick(&folder, &["--format", "json", "--ways", "ec2,beehive-lambda"]);
    let document: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(document["format"], "beehive-cost-report");
    assert_eq!(document["ways"].as_array().unwrap().len(), 2);
    let csv = quick(&folder, &["--csv", "lines", "--ways", "reserved"]);
    let text = stdout(&csv);
    assert!(text.starts_with("way,line,service,meter,quantity,unit"), "{text}");
    let sweep =
        quick(&folder, &["--csv", "sweep", "--sweep", "memory=1024,1769", "--ways", "lambda"]);
    assert_eq!(stdout(&sweep).lines().count(), 3, "{}", stdout(&sweep));
}

#[test]
fn goals_have_their_exit_code() {
    let folder = folder();
    let all = ["--ways", "ec2,beehive-lambda"];
    let dear = quick(&folder, &[&all[..], &["--fail-above", "0.0001"]].concat());
    expect_failure(&dear, 8, "bee::goal::missed", &["more than $0.0001", "--explain"]);
    assert!(stdout(&dear).contains("Cheapest way that keeps"), "the report is still told");
    let slow = quick(&folder, &["--ways", "ec2", "--slo", "p99=100ms"]);
    expect_failure(&slow, 8, "bee::goal::missed", &["no way keeps p99 within 100 ms"]);
    let met = quick(&folder, &[&all[..], &["--fail-above", "5", "--slo", "p50=2s"]].concat());
    assert_eq!(met.status.code(), Some(0), "{}", stderr(&met));
    let blind = ["--ways", "burstable", "--burstable", "t2.xlarge", "--fail-above", "5"];
    expect_failure(&quick(&folder, &blind), 3, "bee::goal::unpriced", &["Burstable has 2 lines"]);
}

#[test]
fn an_earlier_report_is_compared() {
    let folder = folder();
    assert_eq!(
        quick(&folder, &["-o", "old", "--ways", "beehive-lambda,ec2"]).status.code(),
        Some(0)
    );
    write(
        &folder,
        "mine.toml",
        "[[price]]\nservice = \"AWSLambda\"\nmeter = \"*\"\ndiscount_percent = \"50\"\n",
    );
    let now = quick(
        &folder,
        &[
            "--compare",
            "old/report.json",
            "--prices-overlay",
            "mine.toml",
            "--ways",
            "beehive-lambda,lambda",
        ],
    );
    let text = stdout(&now);
    assert_eq!(now.status.code(), Some(0), "{}", stderr(&now));
    for part in [
        "EC2 on demand: no longer there",
        "Whole requests to Lambda: new",
        "price AWSLambda Request: $0.0000002/request -> $0.0000001/request",
        "setting ways:",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let other = quick(&folder, &["--compare", "plan.toml"]);
    expect_failure(&other, 3, "bee::report::not_a_report", &["report.json"]);
}

#[test]
fn the_papers_table_is_reprinted_as_a_preset_and_nothing_else() {
    let folder = folder();
    let run = beehive(&folder, &["--preset", "paper"]);
    let text = stdout(&run);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    for row in [
        ["EC2 (m4.xlarge)", "0.007", "0.007", "0.007"],
        ["Burstable (t3a.xlarge)", "0.005", "0.005", "0.005"],
        ["BeeHive on Lambda (1,769 MB)", "0.012", "0.010", "0.008"],
    ] {
        let line = text.lines().find(|l| l.starts_with(row[0])).unwrap();
        let cells: Vec<_> = line.split_whitespace().rev().take(3).collect();
        assert_eq!(cells.into_iter().rev().collect::<Vec<_>>(), row[1..], "{line}");
    }
    assert!(text.contains("They were not measured with this tool"));
    let with_plan = beehive(&folder, &["plan.toml", "--preset", "paper"]);
    assert_eq!(with_plan.status.code(), Some(2), "a plan that a preset would leave unread");
    assert!(!folder.path().join("report").exists());
}

#[test]
fn arrivals_come_from_a_file() {
    let folder = folder();
    let instants: Vec<String> = (0..6000).map(|i| (i * 10).to_string()).collect();
    write(&folder, "a.csv", &format!("t_ms\n{}\n", instants.join("\n")));
    let run = |more: &[&str]| {
        let base =
            ["plan.toml", "--settings", "quick.toml", "--arrivals", "a.csv", "--ways", "ec2"];
        beehive(&folder, &[&base[..], more].concat())
    };
    let whole = run(&[]);
    assert_eq!(whole.status.code(), Some(0), "{}", stderr(&whole));
    assert!(stdout(&whole).contains("Load of 100/s on average"), "{}", stdout(&whole));
    let part = run(&["--from", "10s", "--for", "20s"]);
    assert!(stdout(&part).contains("window 20 s"), "{}", stdout(&part));
    let long = run(&["--for", "120s"]);
    expect_failure(&long, 2, "bee::arrivals::too_short", &["lasts 120 s", "--for 60s"]);
}

#[test]
fn bursts_come_at_random_instead_of_one() {
    let folder = folder();
    let run = quick(&folder, &["--calm", "60s", "--ways", "ec2"]);
    let text = stdout(&run);
    assert_eq!(run.status.code(), Some(0), "{}", stderr(&run));
    let words = "switching between 50/s for 60 s and 200/s for 30 s on average";
    assert!(read(&folder, "report/report.json").contains(words), "{text}");
    let ramp = quick(&folder, &["--calm", "60s", "--ramp", "5s"]);
    assert_eq!(ramp.status.code(), Some(2), "{}", stdout(&ramp));
}

#[test]
fn each_bad_input_has_its_message_and_a_good_report_stays() {
    let folder = folder();
    assert_eq!(quick(&folder, &["--ways", "ec2"]).status.code(), Some(0));
    let good = read(&folder, "report/report.json");
    write(&folder, "silent.toml", &PLAN.replace("latency_ms_p99 = 110.0\n", ""));
    write(&folder, "order.csv", "t_ms\n5\n4\n");
    write(&folder, "gap.csv", "t_s\n0\n1\n900\n");
    write(&folder, "rds.json", r#"{"formatVersion":"v1.0","offerCode":"AmazonRDS","products":{}}"#);
    write(
        &folder,
        "london.json",
        r#"{"formatVersion":"v1.0","offerCode":"AWSLambda","products":{"A":{"productFamily":"Serverless","attributes":{"regionCode":"eu-west-2","usagetype":"EUW2-Request"}}},"terms":{"OnDemand":{}}}"#,
    );
    write(
        &folder,
        "none.toml",
        "[[price]]\nservice = \"AmazonEC2\"\nmeter = \"BoxUsage:zz\"\nusd = \"1\"\n",
    );
    write(&folder, "odd.toml", "seeds = 3\nburts = 2\n");
    let cases: [(&[&str], i32, &str, &[&str]); 14] = [
        (&["nowhere.toml"], 3, "bee::plan::io", &["beehive plan"]),
        (&["silent.toml"], 3, "bee::report::no_latency", &["beehive profile --load"]),
        (&["plan.toml", "--base", "-5/s"], 2, "", &["--base", "must be above 0"]),
        (&["plan.toml", "--base", "NaN/s"], 2, "", &["must be above 0"]),
        (
            &["plan.toml", "--arrivals", "order.csv"],
            3,
            "bee::arrivals::file",
            &["order.csv:3:", "sort"],
        ),
        (
            &["plan.toml", "--arrivals", "gap.csv"],
            3,
            "bee::arrivals::file",
            &["gap.csv:4:", "--allow-gaps"],
        ),
        (&["plan.toml", "--prices", "rds.json"], 3, "bee::prices::file", &["AmazonRDS"]),
        (
            &["plan.toml", "--prices", "london.json"],
            3,
            "bee::prices::region",
            &["eu-west-2", "--region"],
        ),
        (&["plan.toml", "--prices", "plan.toml"], 3, "bee::prices::file", &["plan.toml:1:"]),
        (
            &["plan.toml", "--prices-overlay", "none.toml"],
            3,
            "bee::prices::overlay",
            &["matches no price"],
        ),
        (&["plan.toml", "--server", "m4.xlrage"], 2, "bee::prices::instance", &["m4.xlarge"]),
        (&["plan.toml", "--burstable", "m5.large"], 2, "bee::settings::range", &["CPU credits"]),
        (&["plan.toml", "--settings", "odd.toml"], 3, "bee::settings::syntax", &["burts"]),
        (&["plan.toml", "--seeds", "1"], 2, "bee::settings::range", &["at least 2"]),
    ];
    for (arguments, exit, code, words) in cases {
        let run = beehive(&folder, arguments);
        expect_failure(&run, exit, code, words);
        assert!(stdout(&run).is_empty(), "data on stdout in spite of the failure");
        assert_eq!(read(&folder, "report/report.json"), good);
    }
    write(&folder, "file", "not a folder");
    let unwritable = quick(&folder, &["--ways", "ec2", "-o", "file"]);
    expect_failure(&unwritable, 9, "bee::output::unwritable", &["file"]);
}

/// What `run` writes, with as much as a report reads.
const MEASURED: &str = r#"{
"measured_version": 1,
"offloading": {"mode": "all"},
"server": {"roots": [{
    "method": "shop.Catalogue#page(int)", "local": 100, "offloaded": 400,
    "steady": {"executions": 300, "call": 600},
    "local_cpu": {"samples": 50, "sum_ns": 1600000000},
    "offloaded_cpu": {"samples": 50, "sum_ns": 16000000}
}]}
}"#;

#[test]
fn a_measured_run_goes_over_what_the_plan_assumes() {
    let folder = folder();
    let assumed = quick(&folder, &["-o", "assumed"]);
    let told = read(&folder, "assumed/report.html");
    assert!(told.contains("how often an invocation calls home: 1 assumed"), "{}", assumed.status);
    write(&folder, "measured.json", MEASURED);
    let run = quick(&folder, &["--measured", "measured.json", "-o", "measured"]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let told = read(&folder, "measured/report.html");
    assert!(told.contains("measured over 400 executions on workers (offload all)"), "{told}");
    assert!(!told.contains("assumed</li>"), "nothing is assumed of calls home");
}

#[test]
fn a_measured_run_of_something_else_is_refused() {
    let folder = folder();
    for (text, code) in [
        ("{\"measured_version\": 1, \"server\": {\"roots\": []}}", "bee::measured::other_plan"),
        ("{\"format\": \"else\"}", "bee::measured::contents"),
        ("not JSON", "bee::measured::contents"),
        ("{\"measured_version\": 99}", "bee::measured::version"),
    ] {
        write(&folder, "measured.json", text);
        let run = quick(&folder, &["--measured", "measured.json"]);
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(3), "{text}: {told}");
        assert!(told.contains(code), "{text}: {told}");
        assert!(!folder.path().join("report").exists(), "a report in spite of the failure");
    }
    let run = quick(&folder, &["--measured", "missing.json"]);
    assert_eq!(run.status.code(), Some(3));
}
