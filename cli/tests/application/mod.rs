//! A fixture application under `beehive run`, for the tests that compare it with the same one alone: recorded,
//! planned, started in one setting, asked every kind of request, stopped.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use beehive_measured::{Measured, MeasuredRoot, read_measured};
use beehive_record::{RequestTemplate, read_requests};

use crate::http::{Connection, Request};
use crate::support::{Folder, Jdk, beehive, fixture, free_port};

/// Times each kind of request is sent.
pub const ROUNDS: usize = 8;
/// Times of an application with hundreds of them.
pub const FEW_ROUNDS: usize = 4;

/// What is started, and with what beside its port.
pub struct Setting {
    /// Folder below `fixtures/apps`.
    pub application: &'static str,
    /// Its files of requests.
    pub requests: &'static [&'static str],
    /// A page that answers once it has started.
    pub first_page: &'static str,
    /// Arguments that tell it its port, `{port}`; they come last.
    pub port: &'static [&'static str],
    /// The same for the JVM.
    pub jvm: &'static [&'static str],
    pub arguments: Vec<String>,
    /// Whether gates are open before the first request, and not only when it answers.
    pub is_cold: bool,
}

impl Default for Setting {
    fn default() -> Self {
        let (requests, first_page) = (&["requests.http"], "/api/topics");
        let port = &["--server.port={port}"];
        let (jvm, arguments) = (&[][..], Vec::new());
        Self { application: "forum", requests, first_page, port, jvm, arguments, is_cold: false }
    }
}

impl Setting {
    fn jar(&self) -> String {
        let name = self.application;
        fixture(&format!("apps/{name}/target/{name}.jar"))
    }

    /// The application's command line behind `java`.
    fn line(&self, port: u16) -> Vec<String> {
        let with_port = |word: &&str| word.replace("{port}", &port.to_string());
        let mut line: Vec<String> = self.jvm.iter().map(with_port).collect();
        line.extend(["-jar".to_owned(), self.jar()]);
        line.extend(self.arguments.iter().cloned());
        line.extend(self.port.iter().map(with_port));
        line
    }

    fn requests(&self) -> Vec<String> {
        let path = |file: &&str| fixture(&format!("apps/{}/{file}", self.application));
        self.requests.iter().map(path).collect()
    }
}

/// Records the application under its load, with these options of `profile`; the trace.
pub fn record(setting: &Setting, jdk: &Jdk, out: &Folder, options: &[&str]) -> String {
    let port = free_port();
    let load = out.path("requests.http");
    let texts = setting.requests().into_iter().map(|file| std::fs::read_to_string(file).unwrap());
    std::fs::write(&load, texts.collect::<Vec<_>>().join("\n\n")).unwrap();
    let target = format!("http://127.0.0.1:{port}");
    let trace = out.path("light.beetrace");
    let mut line = vec!["profile", "--load", &load];
    line.extend(options);
    line.extend(["--target", &target, "-o", &trace, "--"]);
    let (java, started) = (jdk.java(), setting.line(port));
    line.push(&java);
    line.extend(started.iter().map(String::as_str));
    let run = beehive(&line);
    assert!(run.status.success(), "JDK {}: {}", jdk.feature, run.stderr);
    trace
}

/// Records the application under its load, plans it, and switches exactly `roots` on.
pub fn plan_roots(setting: &Setting, jdk: &Jdk, out: &Folder, roots: &[&str]) {
    plan(setting, jdk, out);
    switch_on(out, roots);
}

/// Records the application under its load and plans it.
pub fn plan(setting: &Setting, jdk: &Jdk, out: &Folder) {
    let trace = record(setting, jdk, out, &["--duration", "12s", "--rate", "40/s"]);
    let plan = beehive(&["plan", &trace, "-o", &out.path("plan.toml")]);
    assert!(matches!(plan.status.code(), Some(0 | 4)), "{}", plan.stderr);
}

/// Switches the plan's candidates on whose method holds one of `wanted`, each of which is there, and all others off.
pub fn switch_on(out: &Folder, wanted: &[&str]) {
    let switched = switch(out, &|method| wanted.iter().any(|name| method.contains(name)));
    assert_eq!(switched, wanted.len(), "{}", out.read("plan.toml"));
}

/// Switches on what `is_wanted` says of a candidate's method, and all others off; how many are on.
pub fn switch(out: &Folder, is_wanted: &dyn Fn(&str) -> bool) -> usize {
    let mut is_on = false;
    let mut switched = 0;
    let text = out.read("plan.toml").lines().fold(String::new(), |text, line| {
        if let Some(method) = line.strip_prefix("method = ") {
            is_on = is_wanted(method);
            switched += usize::from(is_on);
        }
        let is_switch = line.starts_with("offload = ");
        let line = if is_switch { format!("offload = {is_on}") } else { line.to_owned() };
        text + &line + "\n"
    });
    std::fs::write(out.path("plan.toml"), text).unwrap();
    switched
}

/// An application under `beehive run`.
pub struct Running {
    beehive: Child,
    pub port: u16,
    /// What the application prints, shown when it does not answer.
    printed: String,
}

impl Running {
    /// With the gate closed and these options beside; once it answers.
    pub fn start(setting: &Setting, jdk: &Jdk, options: &[&str], out: &Folder) -> Self {
        let mut running = Self::spawn(setting, jdk, options, out);
        running.wait_for(setting);
        running
    }

    /// The same that may not answer yet.
    pub fn spawn(setting: &Setting, jdk: &Jdk, options: &[&str], out: &Folder) -> Self {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
        command.args(["--quiet", "run", "--offload", "off"]).args(options);
        command.args(["--plan", &out.path("plan.toml"), "--measured", &measured(out, port), "--"]);
        command.arg(jdk.java()).args(setting.line(port));
        let printed = out.path(&format!("printed-{port}.txt"));
        command.stdout(std::fs::File::create(&printed).unwrap()).env("NO_COLOR", "1");
        Self { beehive: command.spawn().unwrap(), port, printed }
    }

    /// Until it answers.
    pub fn wait_for(&mut self, setting: &Setting) {
        let until = Instant::now() + Duration::from_mins(2);
        let mut connection = Connection::new(self.port, Duration::from_secs(10));
        let first = Request::get(setting.first_page);
        while !connection.send(&first).is_ok_and(|answer| answer.status == 200) {
            let ended = self.beehive.try_wait().unwrap();
            if ended.is_some() || Instant::now() > until {
                let printed = self.last_words();
                panic!("{} did not answer ({ended:?}):\n{printed}", setting.application);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The end of what the application has printed, with what its threads do if it still runs.
    fn last_words(&self) -> String {
        for process in self.children() {
            let _ = Command::new("kill").args(["-QUIT", &process.to_string()]).status();
        }
        std::thread::sleep(Duration::from_secs(1));
        let printed = std::fs::read_to_string(&self.printed).unwrap_or_default();
        let lines: Vec<&str> = printed.lines().collect();
        lines.get(lines.len().saturating_sub(400)..).unwrap_or_default().join("\n")
    }

    /// What it has measured so far, asked for by SIGUSR1.
    pub fn report(&self, out: &Folder) -> Measured {
        self.kill("-USR1");
        let (path, until) = (measured(out, self.port), Instant::now() + Duration::from_secs(20));
        while !std::path::Path::new(&path).exists() {
            assert!(Instant::now() < until, "no record was written");
            std::thread::sleep(Duration::from_millis(50));
        }
        read_measured(path.as_ref()).unwrap()
    }

    /// Processes of its workers.
    pub fn workers(&self) -> Vec<u32> {
        let is_worker = |pid: &u32| {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.ends_with("dev.beehive.runtime.worker.Worker\0")
        };
        self.children().into_iter().filter(is_worker).collect()
    }

    fn children(&self) -> Vec<u32> {
        let pid = self.beehive.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        children.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    }

    fn kill(&self, signal: &str) {
        let pid = self.beehive.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Ends the run as a person would; what it measured.
    pub fn stop(mut self, out: &Folder) -> Measured {
        self.kill("-TERM");
        assert_eq!(self.beehive.wait().unwrap().code(), Some(0));
        read_measured(measured(out, self.port).as_ref()).unwrap()
    }
}

/// The same application alone and with open gates, to be asked the same.
pub struct Pair {
    pub alone: Running,
    pub helped: Running,
}

impl Pair {
    /// Both start side by side, the helped one with these options beside; unless the setting is a cold one, its
    /// gates are closed until both answer. The two settings differ in their databases.
    pub fn start(settings: [&Setting; 2], jdk: &Jdk, options: &[&str], out: &Folder) -> Self {
        let [first, second] = settings;
        let live = out.path("live");
        let begins = if second.is_cold { "offload=all\n" } else { "offload=off\n" };
        std::fs::write(&live, begins).unwrap();
        let mut alone = Running::spawn(first, jdk, &[], out);
        let options = [&["--live", &live], options].concat();
        let mut helped = Running::spawn(second, jdk, &options, out);
        alone.wait_for(first);
        helped.wait_for(second);
        std::fs::write(&live, "offload=all\n").unwrap();
        std::thread::sleep(Duration::from_secs(1));
        Self { alone, helped }
    }

    /// What both measured, in this order.
    pub fn stop(self, out: &Folder) -> [Measured; 2] {
        [self.alone.stop(out), self.helped.stop(out)]
    }
}

/// A test that has failed leaves no servers behind.
impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.beehive.try_wait(), Ok(None)) {
            let pid = self.beehive.id().to_string();
            let _ = Command::new("kill").args(["-TERM", &pid]).status();
            let _ = self.beehive.wait();
        }
    }
}

pub fn measured(out: &Folder, port: u16) -> String {
    out.path(&format!("measured-{port}.json"))
}

/// Sends every request to both, in the same order, and compares the answers; how many were.
pub fn compare(setting: &Setting, alone: u16, helped: u16) -> usize {
    compare_rounds(setting, alone, helped, ROUNDS)
}

/// The same so many times.
pub fn compare_rounds(setting: &Setting, alone: u16, helped: u16, rounds: usize) -> usize {
    let read = |file: &String| read_requests(file.as_ref(), None).unwrap();
    let templates: Vec<RequestTemplate> = setting.requests().iter().flat_map(read).collect();
    let timeout = Duration::from_mins(1);
    let (mut first, mut second) =
        (Connection::new(alone, timeout), Connection::new(helped, timeout));
    let mut compared = 0;
    for round in 0..rounds {
        for template in templates.iter().filter(|t| round == 0 || !t.is_setup) {
            let request = request(template);
            let (expected, got) = (first.send(&request).unwrap(), second.send(&request).unwrap());
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let name = &template.name;
            assert_eq!(expected.status, got.status, "{name}, round {round}");
            assert_eq!(text(&expected.body), text(&got.body), "{name}, round {round}");
            compared += 1;
        }
    }
    compared
}

/// Sends every request so many times to the application alone and to the same with its planned roots on two workers; what
/// the latter measured. The two settings differ in their databases.
pub fn side_by_side(settings: [&Setting; 2], jdk: &Jdk, out: &Folder, rounds: usize) -> Measured {
    let second = settings[1];
    let pair = Pair::start(settings, jdk, &["--workers", "2"], out);
    let compared = compare_rounds(second, pair.alone.port, pair.helped.port, rounds);
    let [_, all] = pair.stop(out);
    tell(
        &format!("{}, JDK {}: {compared} answers compared", second.application, jdk.feature),
        &all,
    );
    all
}

/// No request has failed, no worker was lost, and so many roots at least were offloaded.
pub fn assert_offloads(all: &Measured, roots_min: usize) {
    let roots = &all.server.as_ref().unwrap().roots;
    for root in roots {
        assert_eq!(root.failed, 0, "{root:?}");
    }
    let offloaded = roots.iter().filter(|root| root.offloaded > 0).count();
    assert!(offloaded >= roots_min, "{offloaded} of {} roots were offloaded", roots.len());
    assert!(all.workers.lost.is_empty(), "{:?}", all.workers.lost);
}

/// Figures of every root, for whoever runs a test with `--nocapture`.
#[expect(clippy::print_stderr, reason = "they are for a reader")]
pub fn tell(what: &str, all: &Measured) {
    eprintln!("{what}");
    for root in &all.server.as_ref().unwrap().roots {
        let MeasuredRoot { method, offloaded, local, failed, first, second, steady, .. } = root;
        let [first, second] = [first, second].map(|phase| phase.mean().map(|mean| mean.total()));
        eprintln!("  {method}: {offloaded} offloaded, {local} local, {failed} failed");
        eprintln!("    1st {first:?}, 2nd {second:?}, later {:?}", steady.mean());
        eprintln!("    calls {:?}, home {:?}", root.calls, root.databases_at_home);
        eprintln!("    not offloaded {:?}, rerun {:?}", root.not_offloaded, root.rerun);
        eprintln!("    reasons {:?}", root.reasons);
    }
    eprintln!("  workers {:?}, lost {:?}", all.workers.started, all.workers.lost);
}

fn request(template: &RequestTemplate) -> Request {
    let header = |(name, value): (&_, &_)| {
        let value: &[u8] = AsRef::<[u8]>::as_ref(value);
        format!("{name}: {}", String::from_utf8_lossy(value))
    };
    Request {
        method: template.method.to_string(),
        path: template.uri.path_and_query().map_or("/".to_owned(), ToString::to_string),
        headers: template.headers.iter().map(header).collect(),
        body: String::from_utf8(template.body.clone()).unwrap(),
    }
}
