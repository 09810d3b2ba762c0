//! What goes wrong around `beehive run`, on a small server and on every JDK found: its workers hang, never connect, are too small for what is sent; its port is taken, its disk full, its classes
//! changed. The application answers as ever, or was never started; the record or the exit code tells why.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use beehive_measured::{Measured, MeasuredRoot, read_measured};
use http::{Connection, Request};
use support::{Folder, Jdk, Run, beehive, fixture, free_port, jdks};

const ROOTS: [&str; 2] = ["orchard.PrimesHandler#count", "orchard.WordsHandler#add"];
const PATIENCE: Duration = Duration::from_mins(1);

/// The server, recorded and planned.
struct Orchard {
    out: Folder,
    jdk: Jdk,
}

impl Orchard {
    fn planned(jdk: Jdk) -> Self {
        let out = Folder::new("orchard");
        let classes = fixture("programs/httpserver/target/classes/orchard");
        std::fs::create_dir_all(out.path("classes/orchard")).unwrap();
        for file in std::fs::read_dir(classes).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().to_string_lossy().into_owned();
            std::fs::copy(file.path(), out.path(&format!("classes/orchard/{name}"))).unwrap();
        }
        let orchard = Self { out, jdk };
        orchard.record();
        orchard
    }

    fn record(&self) {
        let (port, trace) = (free_port(), self.out.path("app.beetrace"));
        let (target, load) =
            (format!("http://127.0.0.1:{port}"), fixture("programs/httpserver/requests.http"));
        let head = ["profile", "--duration", "3s", "--rate", "40/s", "--load", &load];
        let tail = ["--target", &target, "-o", &trace, "--"];
        let run = self.beehive(&[&head[..], &tail].concat(), port);
        assert!(run.status.success(), "{}", run.stderr);
        let plan = self.out.path("plan.toml");
        let [first, second] = ROOTS;
        let run = beehive(&["plan", &trace, "-o", &plan, "--root", first, "--root", second]);
        assert!(matches!(run.status.code(), Some(0 | 4)), "{}", run.stderr);
        let text = self.out.read("plan.toml");
        std::fs::write(plan, switched(&text)).unwrap();
    }

    /// Runs beehive to its end with the server's command behind the words.
    fn beehive(&self, words: &[&str], port: u16) -> Run {
        let (java, classes) = (self.jdk.java(), self.out.path("classes"));
        let port = port.to_string();
        beehive(&[words, &[&java, "-cp", &classes, "orchard.Main", &port]].concat())
    }

    fn run(&self, options: &[&str], port: u16) -> Run {
        let (plan, measured) = (self.out.path("plan.toml"), self.out.path("measured.json"));
        let head = ["run", "--plan", &plan, "--measured", &measured];
        self.beehive(&[&head[..], options, &["--"]].concat(), port)
    }

    fn serve(&self, options: &[&str]) -> Served<'_> {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
        command.args(["--quiet", "run", "--offload", "all", "--plan", &self.out.path("plan.toml")]);
        command.args(["--measured", &self.out.path("measured.json")]).args(options);
        command.args(["--", &self.jdk.java(), "-cp", &self.out.path("classes")]);
        command.args(["orchard.Main", &port.to_string()]).stdout(Stdio::null());
        let served = Served { orchard: self, beehive: command.spawn().unwrap(), port };
        served.until("the server did not answer", || served.ask("GET", "/health", "").is_some());
        // The runtime comes up beside the application, and may be later.
        served.until("the runtime did not answer", || served.record().server.is_some());
        served
    }
}

/// The plan with exactly [`ROOTS`] switched on.
fn switched(text: &str) -> String {
    let mut is_wanted = false;
    text.lines().fold(String::new(), |text, line| {
        if let Some(method) = line.strip_prefix("method = ") {
            is_wanted = ROOTS.iter().any(|root| method.contains(root));
        }
        let is_switch = line.starts_with("offload = ");
        text + &if is_switch { format!("offload = {is_wanted}\n") } else { format!("{line}\n") }
    })
}

/// The server under `beehive run`; both end with it.
struct Served<'a> {
    orchard: &'a Orchard,
    beehive: Child,
    port: u16,
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        // Only after a failed assertion it still runs; it ends its children when asked.
        if matches!(self.beehive.try_wait(), Ok(None)) {
            let _ = Command::new("kill").arg(self.beehive.id().to_string()).status();
            let _ = self.beehive.wait();
        }
    }
}

impl Served<'_> {
    fn ask(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let request =
            Request { method: method.to_owned(), body: body.to_owned(), ..Request::get(path) };
        let answer = Connection::new(self.port, PATIENCE).send(&request).ok()?;
        assert_eq!(answer.status, 200, "{path}");
        Some(String::from_utf8(answer.body).unwrap())
    }

    /// How many different words there have been.
    fn words(&self, text: &str) -> usize {
        self.ask("POST", "/words", text).unwrap().trim().parse().unwrap()
    }

    fn until(&self, otherwise: &str, mut is_so: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < end, "JDK {}: {otherwise}", self.orchard.jdk.feature);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The record so far.
    fn record(&self) -> Measured {
        let path = self.orchard.out.path("measured.json");
        // It may not be there.
        let _ = std::fs::remove_file(&path);
        signal(self.beehive.id(), "-USR1");
        self.until("no record was written", || Path::new(&path).exists());
        read_measured(path.as_ref()).unwrap()
    }

    /// JVMs beside the application's: workers.
    fn workers(&self) -> Vec<u32> {
        let pid = self.beehive.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let is_worker = |pid: &u32| {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.ends_with("dev.beehive.runtime.worker.Worker\0")
        };
        children.split_whitespace().filter_map(|word| word.parse().ok()).filter(is_worker).collect()
    }

    /// Ends the run as a person would; what it measured.
    fn stop(mut self) -> Measured {
        signal(self.beehive.id(), "-TERM");
        assert_eq!(self.beehive.wait().unwrap().code(), Some(0));
        read_measured(self.orchard.out.path("measured.json").as_ref()).unwrap()
    }
}

fn signal(pid: u32, signal: &str) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

fn root<'a>(measured: &'a Measured, name: &str) -> &'a MeasuredRoot {
    let roots = &measured.server.as_ref().unwrap().roots;
    roots.iter().find(|root| root.method.starts_with(name)).unwrap()
}

#[test]
fn a_worker_that_hangs_is_replaced_and_its_request_is_answered_at_home() {
    for jdk in jdks() {
        let orchard = Orchard::planned(jdk);
        // Long enough for the first execution on another worker while other tests use the machine.
        let served = orchard.serve(&["--worker-timeout", "4s"]);
        served.until("nothing was offloaded", || {
            served.words("one two");
            root(&served.record(), ROOTS[1]).offloaded > 3
        });
        let stopped = served.workers();
        assert_eq!(stopped.len(), 1, "{stopped:?}");
        signal(stopped[0], "-STOP");
        assert_eq!(served.words("two three"), 3, "the request that met the stopped worker");
        assert_eq!(served.words("four"), 4);
        let before = root(&served.record(), ROOTS[1]).offloaded;
        served.until("no other worker came in its place", || {
            served.words("one two");
            root(&served.record(), ROOTS[1]).offloaded > before + 3
        });
        let workers = served.workers();
        assert!(workers.len() == 1 && workers != stopped, "{workers:?}, {stopped:?} was stopped");
        let measured = served.stop();
        let root = root(&measured, ROOTS[1]);
        assert_eq!(root.rerun.get("OFFLOAD_WORKER_LOST"), Some(&1), "{root:?}");
        assert_eq!(root.failed, 0, "{root:?}");
        let workers = &measured.workers;
        assert_eq!((workers.started, workers.restarted), (2, 1), "{workers:?}");
        assert_eq!(workers.lost_by_reason, [("WORKER_SILENT".to_owned(), 1)].into());
        assert_eq!(workers.lost[0].ending, "signal 9", "{workers:?}");
    }
}

#[test]
fn without_a_worker_that_can_start_the_application_runs_alone() {
    for jdk in jdks() {
        let orchard = Orchard::planned(jdk);
        let served = orchard.serve(&["--worker-option=-XX:+NoSuchOption"]);
        served.until("the pool never gave up", || {
            served.words("one two");
            served.record().gaps.contains_key("workers.given_up")
        });
        assert_eq!(served.words("one three"), 3);
        let measured = served.stop();
        assert_eq!(root(&measured, ROOTS[1]).offloaded, 0);
        assert!(measured.workers.lost[0].last_words.contains("Error"), "{:?}", measured.workers);
    }
}

#[test]
fn a_closure_over_the_limit_runs_at_home() {
    for jdk in jdks() {
        let orchard = Orchard::planned(jdk);
        let text = orchard.out.read("plan.toml");
        let budget = text.lines().find(|line| line.starts_with("closure_bytes_max")).unwrap();
        let text = text.replace(budget, "closure_bytes_max = 20000");
        std::fs::write(orchard.out.path("plan.toml"), text).unwrap();
        let served = orchard.serve(&[]);
        served.until("nothing was offloaded", || {
            served.words("w0 w1");
            root(&served.record(), ROOTS[1]).offloaded > 3
        });
        let many: Vec<String> = (0..10_000).map(|n| format!("w{n}")).collect();
        assert_eq!(served.words(&many.join(" ")), 10_000);
        let measured = served.stop();
        let root = root(&measured, ROOTS[1]);
        let refused = root.not_offloaded.get("OFFLOAD_CLOSURE_TOO_LARGE");
        assert!(refused.is_some_and(|count| *count > 0), "{root:?}");
    }
}

#[test]
fn a_taken_port_is_the_applications_own_affair_unless_a_load_is_to_be_driven() {
    let orchard = Orchard::planned(jdks().swap_remove(0));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let run = orchard.run(&[], port);
    assert_eq!(run.status.code(), Some(1), "the application's own status: {}", run.stderr);
    assert!(run.stderr.contains("BindException"), "{}", run.stderr);
    assert_eq!(
        read_measured(orchard.out.path("measured.json").as_ref()).unwrap().application.status,
        1
    );
    let (target, load) =
        (format!("http://127.0.0.1:{port}"), fixture("programs/httpserver/requests.http"));
    let run = orchard.run(&["--load", &load, "--target", &target, "--duration", "1s"], port);
    assert_eq!(run.status.code(), Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("bee::load::port_in_use"), "{}", run.stderr);
    assert!(!run.stderr.contains("BindException"), "the application was started");
}

#[test]
fn a_full_disk_is_told_after_the_application_has_ended_and_leaves_the_old_record() {
    let orchard = Orchard::planned(jdks().swap_remove(0));
    let measured = orchard.out.path("measured.json");
    std::fs::write(&measured, "the old record").unwrap();
    // The kernel's own full disk.
    std::os::unix::fs::symlink("/dev/full", format!("{measured}.part")).unwrap();
    let port = free_port();
    let run = orchard.run(&["--duration", "2s"], port);
    assert_eq!(run.status.code(), Some(9), "{}", run.stderr);
    assert!(run.stderr.contains("bee::output::unwritable"), "{}", run.stderr);
    assert!(run.stderr.contains("No space left"), "{}", run.stderr);
    assert!(run.stdout.contains("listening on"), "the application did not run");
    assert_eq!(orchard.out.read("measured.json"), "the old record");
}

#[test]
fn a_plan_of_another_build_is_refused_before_the_application_starts() {
    let orchard = Orchard::planned(jdks().swap_remove(0));
    let (plan, bundle) = (orchard.out.path("plan.toml"), orchard.out.path("bundle"));
    let packed = beehive(&["package", &plan, "-o", &bundle]);
    assert!(packed.status.success(), "{}", packed.stderr);
    let refused = |options: &[&str], code: &str| {
        let run = orchard.run(options, free_port());
        assert_eq!(run.status.code(), Some(3), "{}", run.stderr);
        assert!(run.stderr.contains(code), "{}", run.stderr);
        assert!(!run.stdout.contains("listening"), "the application was started");
    };
    // 20,000 as a constant of the code becomes 20,001: another build with the same names.
    let class = orchard.out.path("classes/orchard/PrimesHandler.class");
    let mut bytes = std::fs::read(&class).unwrap();
    let at = bytes.windows(3).position(|code| code == [0x11, 0x4e, 0x20]).unwrap();
    bytes[at + 2] = 0x21;
    std::fs::write(&class, bytes).unwrap();
    refused(&["--bundle", &bundle], "bee::run::stale_bundle");
    std::fs::remove_file(orchard.out.path("classes/orchard/WordsHandler.class")).unwrap();
    refused(&[], "bee::package::changed_class");
}
